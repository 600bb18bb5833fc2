# Classic: VMs join its default group and its VServer group.
resource "alicloud_slb_load_balancer" "tests" {
  load_balancer_name   = var.environment_name
  address_type         = "intranet"
  vswitch_id           = alicloud_vswitch.first.id
  instance_charge_type = "PayByCLCU"
  tags                 = local.tags
}

resource "alicloud_slb_server_group" "tests" {
  load_balancer_id = alicloud_slb_load_balancer.tests.id
  name             = var.environment_name
}

# The CPI needs an NLB's server group alone; it does not need the listener in front of it.
resource "alicloud_nlb_server_group" "tests" {
  server_group_name = var.environment_name
  server_group_type = "Instance"
  vpc_id            = alicloud_vpc.environment.id
  protocol          = "TCP"
  scheduler         = "Wrr"
  tags              = local.tags

  health_check {
    health_check_enabled = true
    health_check_type    = "TCP"
  }
}
