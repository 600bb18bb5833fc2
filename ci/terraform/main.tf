# One job's environment: all that its tests and its Director need in an account. Nothing is shared
# between jobs. Outputs are in outputs.tf; the state is remote (ci/lib/terraform.sh names where).

terraform {
  required_version = ">= 1.5, < 2"

  backend "oss" {
    prefix  = "bosh-alicloud-cpi"
    encrypt = true
  }

  required_providers {
    alicloud = {
      source  = "aliyun/alicloud"
      version = "~> 1.252"
    }
  }
}

provider "alicloud" {
  region        = var.region
  ecs_role_name = var.ecs_role_name != "" ? var.ecs_role_name : null
}

locals {
  network = "10.190.0.0/16"
  tags = {
    project     = "bosh-alicloud-cpi"
    environment = var.environment_name
  }
}

data "alicloud_zones" "usable" {
  available_resource_creation = "VSwitch"
  available_disk_category     = "cloud_essd"
  available_instance_type     = var.instance_type
}

data "alicloud_account" "current" {
}

resource "alicloud_ecs_key_pair" "vms" {
  key_pair_name = var.environment_name
  public_key    = var.public_key
  tags          = local.tags
}

resource "alicloud_oss_bucket" "tests" {
  bucket        = "${var.environment_name}-${data.alicloud_account.current.id}"
  force_destroy = true
  tags          = local.tags
}
