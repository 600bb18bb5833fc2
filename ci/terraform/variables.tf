variable "environment_name" {
  description = "Name of everything in it, and of its state"
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}[a-z0-9]$", var.environment_name))
    error_message = "4 to 32 small letters, digits and hyphens: it becomes part of a bucket's name."
  }
}

variable "region" {
  description = "Region to build it in"
  type        = string
}

variable "instance_type" {
  description = "ECS instance type that both zones have to sell"
  type        = string
}

variable "public_key" {
  description = "OpenSSH public key of the key pair of VMs"
  type        = string
}

variable "trusted_cidr" {
  description = "Addresses from which workers reach the Director: SSH, the agent and the API"
  type        = string

  validation {
    condition     = can(cidrhost(var.trusted_cidr, 0)) && var.trusted_cidr != "0.0.0.0/0"
    error_message = "A range such as 203.0.113.7/32, and not the whole internet."
  }
}

variable "ecs_role_name" {
  description = "RAM role of the instance that terraform runs on; empty: keys of the environment"
  type        = string
  default     = ""
}
