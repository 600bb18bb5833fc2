# Two roles that only ECS instances can take. The policies are those of the installation guide:
# tests/pipeline compares them.
locals {
  roles = {
    director = "policies/director.json"
    vm       = "policies/vm.json"
  }
}

resource "alicloud_ram_role" "instances" {
  for_each = local.roles

  role_name   = "${var.environment_name}-${each.key}"
  description = "bosh-alicloud-cpi, environment ${var.environment_name}"
  force       = true
  assume_role_policy_document = jsonencode({
    Version = "1"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = ["ecs.aliyuncs.com"] }
      }
    ]
  })
}

resource "alicloud_ram_policy" "instances" {
  for_each = local.roles

  policy_name = "${var.environment_name}-${each.key}"
  force       = true
  policy_document = templatefile("${path.module}/${each.value}", {
    vm_role = "${var.environment_name}-vm"
    bucket  = alicloud_oss_bucket.tests.bucket
  })
}

resource "alicloud_ram_role_policy_attachment" "instances" {
  for_each = local.roles

  role_name   = alicloud_ram_role.instances[each.key].role_name
  policy_name = alicloud_ram_policy.instances[each.key].policy_name
  policy_type = alicloud_ram_policy.instances[each.key].type
}
