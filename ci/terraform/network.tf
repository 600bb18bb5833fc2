resource "alicloud_vpc" "environment" {
  vpc_name   = var.environment_name
  cidr_block = local.network
  tags       = local.tags
}

resource "alicloud_vswitch" "first" {
  vswitch_name = "${var.environment_name}-first"
  vpc_id       = alicloud_vpc.environment.id
  cidr_block   = cidrsubnet(local.network, 8, 0)
  zone_id      = data.alicloud_zones.usable.zones[0].id
  tags         = local.tags
}

resource "alicloud_vswitch" "second" {
  vswitch_name = "${var.environment_name}-second"
  vpc_id       = alicloud_vpc.environment.id
  cidr_block   = cidrsubnet(local.network, 8, 1)
  zone_id      = data.alicloud_zones.usable.zones[1].id
  tags         = local.tags
}

# VMs without an address of their own reach the internet and the cloud's APIs through it.
resource "alicloud_nat_gateway" "outward" {
  nat_gateway_name = var.environment_name
  vpc_id           = alicloud_vpc.environment.id
  vswitch_id       = alicloud_vswitch.first.id
  nat_type         = "Enhanced"
  payment_type     = "PayAsYouGo"
  tags             = local.tags
}

resource "alicloud_eip_address" "outward" {
  address_name         = "${var.environment_name}-outward"
  internet_charge_type = "PayByTraffic"
  payment_type         = "PayAsYouGo"
  tags                 = local.tags
}

resource "alicloud_eip_association" "outward" {
  allocation_id = alicloud_eip_address.outward.id
  instance_id   = alicloud_nat_gateway.outward.id
}

resource "alicloud_snat_entry" "outward" {
  for_each = {
    first  = alicloud_vswitch.first.id
    second = alicloud_vswitch.second.id
  }

  snat_table_id     = alicloud_nat_gateway.outward.snat_table_ids
  source_vswitch_id = each.value
  snat_ip           = alicloud_eip_address.outward.ip_address

  depends_on = [alicloud_eip_association.outward]
}

# Free addresses, for the Director and for VMs of the tests.
resource "alicloud_eip_address" "director" {
  address_name         = "${var.environment_name}-director"
  internet_charge_type = "PayByTraffic"
  payment_type         = "PayAsYouGo"
  tags                 = local.tags
}

resource "alicloud_eip_address" "test" {
  address_name         = "${var.environment_name}-test"
  internet_charge_type = "PayByTraffic"
  payment_type         = "PayAsYouGo"
  tags                 = local.tags
}

resource "alicloud_security_group" "first" {
  security_group_name = "${var.environment_name}-first"
  vpc_id              = alicloud_vpc.environment.id
  tags                = local.tags
}

resource "alicloud_security_group" "second" {
  security_group_name = "${var.environment_name}-second"
  vpc_id              = alicloud_vpc.environment.id
  tags                = local.tags
}

resource "alicloud_security_group_rule" "within" {
  for_each = {
    first  = alicloud_security_group.first.id
    second = alicloud_security_group.second.id
  }

  type              = "ingress"
  ip_protocol       = "all"
  nic_type          = "intranet"
  port_range        = "-1/-1"
  cidr_ip           = local.network
  security_group_id = each.value
}

# SSH, the agent while create-env makes the Director, and the Director.
resource "alicloud_security_group_rule" "workers" {
  for_each = toset(["22/22", "6868/6868", "25555/25555"])

  type              = "ingress"
  ip_protocol       = "tcp"
  nic_type          = "intranet"
  port_range        = each.value
  cidr_ip           = var.trusted_cidr
  security_group_id = alicloud_security_group.first.id
}
