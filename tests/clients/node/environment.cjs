// Builds an environment with the official Node SDK, uses it and takes it down again.
// The newer clients (@alicloud/ecs20140526...) sign with ACS3-HMAC-SHA256; @alicloud/pop-core, for
// the load balancer, with HMAC-SHA1. Endpoint, keys and authority come from the environment.
"use strict";

const Ecs = require("@alicloud/ecs20140526");
const Vpc = require("@alicloud/vpc20160428");
const Ram = require("@alicloud/ram20150501");
const { Config } = require("@alicloud/openapi-client");
const Rpc = require("@alicloud/pop-core");

const { ENDPOINT, ZONE, IMAGE } = process.env;
const keys = {
  accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
  accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
};
const regionId = process.env.ALIBABA_CLOUD_REGION_ID;
const config = () => new Config({ ...keys, regionId, endpoint: ENDPOINT, protocol: "https" });

const ecs = new Ecs.default(config());
const vpc = new Vpc.default(config());
const ram = new Ram.default(config());
const slb = new Rpc({ ...keys, endpoint: `https://${ENDPOINT}`, apiVersion: "2014-05-15" });
const post = { method: "POST" };

const TRUST = JSON.stringify({
  Version: "1",
  Statement: [
    {
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Principal: { Service: ["ecs.aliyuncs.com"] },
    },
  ],
});

async function until(state, wanted) {
  for (let tries = 0; tries < 500; tries += 1) {
    if ((await state()) === wanted) {
      return;
    }
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`${await state()} is not ${wanted}`);
}

async function network() {
  const tag = [new Vpc.CreateVpcRequestTag({ key: "app", value: "web" })];
  const block = { regionId, cidrBlock: "192.168.0.0/16", vpcName: "web", tag };
  const vpcId = (await vpc.createVpc(new Vpc.CreateVpcRequest(block))).body.vpcId;
  const asked = new Vpc.DescribeVpcAttributeRequest({ regionId, vpcId });
  await until(async () => (await vpc.describeVpcAttribute(asked)).body.status, "Available");
  const place = { regionId, vpcId, zoneId: ZONE, cidrBlock: "192.168.1.0/24" };
  const vSwitchId = (await vpc.createVSwitch(new Vpc.CreateVSwitchRequest(place))).body.vSwitchId;
  const one = new Vpc.DescribeVSwitchAttributesRequest({ regionId, vSwitchId });
  await until(async () => (await vpc.describeVSwitchAttributes(one)).body.status, "Available");
  const group = new Ecs.CreateSecurityGroupRequest({ regionId, vpcId, securityGroupName: "web" });
  const { securityGroupId } = (await ecs.createSecurityGroup(group)).body;
  const permissions = [
    new Ecs.AuthorizeSecurityGroupRequestPermissions({
      ipProtocol: "TCP",
      portRange: "80/80",
      sourceCidrIp: "0.0.0.0/0",
    }),
  ];
  await ecs.authorizeSecurityGroup(
    new Ecs.AuthorizeSecurityGroupRequest({ regionId, securityGroupId, permissions }),
  );
  return { vpcId, vSwitchId, securityGroupId };
}

async function statuses(ids) {
  const asked = { regionId, instanceIds: JSON.stringify(ids) };
  const { body } = await ecs.describeInstances(new Ecs.DescribeInstancesRequest(asked));
  return body.instances.instance.map((row) => row.status).join();
}

async function servers({ vSwitchId, securityGroupId }) {
  await ecs.createKeyPair(new Ecs.CreateKeyPairRequest({ regionId, keyPairName: "web" }));
  const wanted = new Ecs.RunInstancesRequest({
    regionId,
    imageId: IMAGE,
    instanceType: "ecs.g6.large",
    vSwitchId,
    securityGroupId,
    keyPairName: "web",
    amount: 2,
    systemDisk: new Ecs.RunInstancesRequestSystemDisk({ category: "cloud_essd", size: "40" }),
  });
  const ids = (await ecs.runInstances(wanted)).body.instanceIdSets.instanceIdSet;
  await until(() => statuses(ids), "Running,Running");
  return ids;
}

async function balancer({ vSwitchId }, ids) {
  const place = { RegionId: regionId, VSwitchId: vSwitchId, LoadBalancerSpec: "slb.s1.small" };
  const { LoadBalancerId } = await slb.request("CreateLoadBalancer", place, post);
  const which = { RegionId: regionId, LoadBalancerId };
  const BackendServers = JSON.stringify(ids.map((ServerId) => ({ ServerId, Weight: "100" })));
  await slb.request("AddBackendServers", { ...which, BackendServers }, post);
  const listener = { ...which, ListenerPort: 80, BackendServerPort: 80, Bandwidth: -1 };
  await slb.request("CreateLoadBalancerTCPListener", listener, post);
  await slb.request("StartLoadBalancerListener", { ...which, ListenerPort: 80 }, post);
  return which;
}

async function roles() {
  const role = { roleName: "web", assumeRolePolicyDocument: TRUST };
  await ram.createRole(new Ram.CreateRoleRequest(role));
  const policy = { policyType: "System", policyName: "AliyunECSFullAccess", roleName: "web" };
  await ram.attachPolicyToRole(new Ram.AttachPolicyToRoleRequest(policy));
  await ram.detachPolicyFromRole(new Ram.DetachPolicyFromRoleRequest(policy));
  await ram.deleteRole(new Ram.DeleteRoleRequest({ roleName: "web" }));
}

// Released instances hold their addresses for a while, and with them the vSwitch.
async function deleted(vSwitchId) {
  try {
    await vpc.deleteVSwitch(new Vpc.DeleteVSwitchRequest({ regionId, vSwitchId }));
  } catch (error) {
    if (error.code !== "DependencyViolation") {
      throw error;
    }
    return false;
  }
  return true;
}

async function tearDown({ vpcId, vSwitchId, securityGroupId }, ids, which) {
  await slb.request("DeleteLoadBalancer", which, post);
  const gone = { regionId, instanceId: ids, force: true };
  await ecs.deleteInstances(new Ecs.DeleteInstancesRequest(gone));
  await until(() => statuses(ids), "");
  const pairs = { regionId, keyPairNames: JSON.stringify(["web"]) };
  await ecs.deleteKeyPairs(new Ecs.DeleteKeyPairsRequest(pairs));
  const group = { regionId, securityGroupId };
  await ecs.deleteSecurityGroup(new Ecs.DeleteSecurityGroupRequest(group));
  await until(() => deleted(vSwitchId), true);
  await vpc.deleteVpc(new Vpc.DeleteVpcRequest({ regionId, vpcId }));
}

async function main() {
  const net = await network();
  const ids = await servers(net);
  const which = await balancer(net, ids);
  await roles();
  await ecs.stopInstances(new Ecs.StopInstancesRequest({ regionId, instanceId: ids }));
  await until(() => statuses(ids), "Stopped,Stopped");
  await tearDown(net, ids, which);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
