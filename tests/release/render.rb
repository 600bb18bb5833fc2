# Renders a job's templates as the Director or `bosh create-env` does, with Ruby's own library only.
#
#   ruby render.rb JOB_FOLDER director|create-env
#
# Each line of stdin holds properties, each line of stdout {TARGET: {"text": ...} or {"error": ...}}.
# The first line of stdout is the job's spec.
require 'erb'
require 'json'
require 'yaml'

# What a template sees.  Both callers' contexts answer the same way, but for links: no template
# of this release uses any.
class Context
  def initialize(properties)
    @properties = properties
  end

  def p(names, *default)
    found = Array(names).map { |name| find(name) }.compact
    return found.first unless found.empty?
    return default.first unless default.empty?

    raise "Can't find property '#{Array(names).join("', or '")}'"
  end

  def if_p(*names)
    values = names.map { |name| find(name) }
    return Otherwise.new(self) if values.any?(&:nil?)

    yield(*values)
    Done.new
  end

  def template_binding
    binding
  end

  private

  def find(name)
    name.split('.').reduce(@properties) { |hash, key| hash.is_a?(Hash) ? hash[key] : nil }
  end

  Otherwise = Struct.new(:context) do
    def else
      yield
    end

    def else_if_p(*names, &block)
      context.if_p(*names, &block)
    end
  end

  class Done
    def else; end

    def else_if_p(*)
      self
    end
  end
end

# Only what the job's spec declares reaches a template, null and absent as the default.
def declared(spec, given)
  spec.fetch('properties').each_with_object({}) do |(name, definition), properties|
    *path, last = name.split('.')
    value = name.split('.').reduce(given) { |hash, key| hash.is_a?(Hash) ? hash[key] : nil }
    value = definition['default'] if value.nil?
    path.reduce(properties) { |hash, key| hash[key] ||= {} }[last] = value
  end
end

$stdout.sync = true
folder, rules = ARGV
spec = YAML.safe_load(File.read(File.join(folder, 'spec')))
puts JSON.generate(spec)

# The create-env renderer writes a bare string or number as Ruby does, which is not always JSON.
if rules == 'create-env'
  JSON.singleton_class.prepend(
    Module.new do
      def dump(value, *rest)
        value.is_a?(String) || value.is_a?(Numeric) ? value.inspect : super
      end
    end
  )
end

$stdin.each_line do |line|
  properties = declared(spec, JSON.parse(line))
  answer = spec.fetch('templates').to_h do |source, target|
    erb = ERB.new(File.read(File.join(folder, 'templates', source)), trim_mode: '-')
    erb.filename = source
    [target, { 'text' => erb.result(Context.new(properties).template_binding) }]
  rescue StandardError, SyntaxError => e
    [target, { 'error' => e.message }]
  end
  puts JSON.generate(answer)
end
