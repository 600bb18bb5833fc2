"""Server groups as NLB and ALB have them: the same changes and jobs under other codes.

The packages nlb and alb register the actions; where they spell a code differently both
spellings are offered here and the action's own one is taken (Ctx.error).
"""
