# Every output is text, and ci/lib/metadata.py knows each by its name.

output "region" {
  value = var.region
}

output "availability_zone" {
  value = alicloud_vswitch.first.zone_id
}

output "second_availability_zone" {
  value = alicloud_vswitch.second.zone_id
}

output "vpc_id" {
  value = alicloud_vpc.environment.id
}

output "vswitch_id" {
  value = alicloud_vswitch.first.id
}

output "vswitch_cidr" {
  value = alicloud_vswitch.first.cidr_block
}

# The cloud keeps a vswitch's first address and its last three: the gateway is one of these.
output "vswitch_gateway" {
  value = cidrhost(alicloud_vswitch.first.cidr_block, 253)
}

# Addresses that BOSH gives to no VM of a deployment; the Director has the first of them.
output "vswitch_reserved" {
  value = join("-", [
    cidrhost(alicloud_vswitch.first.cidr_block, 4),
    cidrhost(alicloud_vswitch.first.cidr_block, 9),
  ])
}

output "vswitch_static" {
  value = join("-", [
    cidrhost(alicloud_vswitch.first.cidr_block, 10),
    cidrhost(alicloud_vswitch.first.cidr_block, 60),
  ])
}

output "second_vswitch_id" {
  value = alicloud_vswitch.second.id
}

output "second_vswitch_cidr" {
  value = alicloud_vswitch.second.cidr_block
}

output "second_vswitch_gateway" {
  value = cidrhost(alicloud_vswitch.second.cidr_block, 253)
}

output "security_group_id" {
  value = alicloud_security_group.first.id
}

output "second_security_group_id" {
  value = alicloud_security_group.second.id
}

output "director_eip" {
  value = alicloud_eip_address.director.ip_address
}

output "test_eip" {
  value = alicloud_eip_address.test.ip_address
}

output "slb_id" {
  value = alicloud_slb_load_balancer.tests.id
}

output "slb_server_group_id" {
  value = alicloud_slb_server_group.tests.id
}

output "nlb_server_group_id" {
  value = alicloud_nlb_server_group.tests.id
}

output "oss_bucket" {
  value = alicloud_oss_bucket.tests.bucket
}

output "oss_endpoint" {
  value = alicloud_oss_bucket.tests.extranet_endpoint
}

output "instance_ram_role" {
  value = alicloud_ram_role.instances["vm"].role_name
}

output "director_ram_role" {
  value = alicloud_ram_role.instances["director"].role_name
}

output "key_pair_name" {
  value = alicloud_ecs_key_pair.vms.key_pair_name
}
