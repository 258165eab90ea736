//! Destroying a function in a VPC: the network interfaces that Lambda leaves there for a while.

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{FunctionCode, Runtime, VpcConfig};
use tanets_sandbox::manners::Fault;
use tanets_sandbox::require_peer;

use crate::neighbour::{Neighbour, zip_of};
use crate::world::{CONFIG, Emulator, World};

/// EC2, asked in its own form.
struct Ec2<'w>(&'w World);

impl Ec2<'_> {
    fn ask(&self, body: &str) -> String {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        self.0.request("ec2", "/", &form, &format!("Version=2016-11-15&{body}"))
    }

    /// The text of an answer's first element of this name.
    fn first(&self, body: &str, element: &str) -> String {
        let answer = self.ask(body);
        let rest = answer.split_once(element).unwrap_or_else(|| panic!("{element} in {answer}")).1;
        rest.split('<').next().expect("a text").to_owned()
    }

    /// What Lambda leaves in the VPC for some minutes after the stack's function.
    fn make_interface(&self, subnet: &str, group: &str) -> String {
        let description = format!("AWS%20Lambda%20VPC%20ENI-{}-0a1b2c3d", self.0.name);
        let place = format!("SubnetId={subnet}&SecurityGroupId.1={group}");
        let make = format!("Action=CreateNetworkInterface&{place}&Description={description}");
        self.first(&make, "<networkInterfaceId>")
    }

    /// A subnet, and a security group that no other stack has.
    fn place(&self) -> (String, String) {
        let vpc = self.first("Action=DescribeSubnets", "<vpcId>");
        let name = format!("GroupName={0}&GroupDescription={0}", self.0.name);
        let group = self.first(&format!("Action=CreateSecurityGroup&VpcId={vpc}&{name}"), "<groupId>");
        (self.first("Action=DescribeSubnets", "<subnetId>"), group)
    }

    fn delete_interface(&self, id: &str) {
        self.ask(&format!("Action=DeleteNetworkInterface&NetworkInterfaceId={id}"));
    }
}

#[test]
fn a_role_outlasts_the_network_interfaces_that_lambda_removes_with_it() {
    let world = require_peer!(World::new(Emulator::Moto));
    world.succeed(&["deploy", "--yes"]);
    let ec2 = Ec2(&world);
    let (subnet, group) = ec2.place();
    let interface = ec2.make_interface(&subnet, &group);
    let quick = world.succeed(&["destroy", "--yes", "--no-wait"]);
    assert!(quick.stdout.contains("Left: role"), "{}", quick.stdout);
    let mut waiting = world.command(&["destroy", "--yes"]).spawn().expect("the binary runs");
    std::thread::sleep(Duration::from_secs(2));
    assert!(waiting.try_wait().expect("its state").is_none(), "the role went before the interface");
    ec2.delete_interface(&interface);
    assert!(waiting.wait().expect("its end").success());
    assert_eq!(world.planned().len(), 7, "all is gone");
}

#[test]
fn the_question_for_network_interfaces_is_logged_as_every_call() {
    let world = require_peer!(World::new(Emulator::Moto));
    world.succeed(&["deploy", "--yes"]);
    let destroyed = world.succeed(&["destroy", "--yes", "-vv"]);
    assert!(destroyed.stderr.contains("EC2 DescribeNetworkInterfaces: 200 in "), "{}", destroyed.stderr);
    let logged = destroyed.operations().into_iter().filter(|name| *name == "DescribeNetworkInterfaces");
    assert_eq!(logged.count(), 1);
    assert!(!destroyed.writes().contains(&"DescribeNetworkInterfaces"), "{:?}", destroyed.writes());
}

#[test]
fn ec2_that_throttles_fails_or_hangs_up_is_asked_again() {
    let world = require_peer!(World::new(Emulator::Moto));
    for (fault, told) in [
        (Fault::Throttle, "RequestLimitExceeded: Request limit exceeded."),
        (Fault::ServerError, "InternalFailure"),
        (Fault::Cut, "the connection broke"),
    ] {
        world.succeed(&["deploy", "--yes"]);
        world.aws.clear();
        world.aws.on("DescribeNetworkInterfaces", 1, fault);
        let destroyed = world.succeed(&["destroy", "--yes"]);
        assert!(
            destroyed.stderr.contains("waiting for EC2: DescribeNetworkInterfaces: "),
            "{fault:?}: {destroyed:#?}"
        );
        assert!(destroyed.stderr.contains(told), "{fault:?}: {destroyed:#?}");
        assert_eq!(world.planned().len(), 7, "all is gone");
    }
    world.succeed(&["deploy", "--yes"]);
    world.aws.clear();
    world.aws.on("DescribeNetworkInterfaces", 1, Fault::Deny);
    let denied = world.tanets(&["destroy", "--yes"]);
    assert_eq!(denied.code, 1, "{denied:#?}");
    assert!(denied.stderr.contains("allow `ec2:DescribeNetworkInterfaces`"), "{denied:#?}");
    assert_eq!(world.aws.requests().iter().filter(|request| request.service == "ec2").count(), 1);
    world.aws.clear();
    world.succeed(&["destroy", "--yes"]);
}

#[test]
fn an_interface_that_another_function_uses_too_is_not_waited_for() {
    let world = require_peer!(World::new(Emulator::Moto));
    let ec2 = Ec2(&world);
    let (subnet, group) = ec2.place();
    world.write(&CONFIG.replace("\"subnet-0a1\"", &format!("{subnet:?}")).replace("sg-0d3", &group));
    world.succeed(&["deploy", "--yes"]);
    let neighbour = Neighbour::of(&world);
    let other = format!("{}-other", world.name);
    let make = neighbour.lambda.create_function().function_name(&other).role(neighbour.role_arn());
    let make = make.runtime(Runtime::Providedal2023).handler("bootstrap");
    let make = make.code(FunctionCode::builder().zip_file(Blob::new(zip_of("bootstrap", b"x"))).build());
    let place = VpcConfig::builder().subnet_ids(&subnet).security_group_ids(&group).build();
    neighbour.runtime.block_on(make.vpc_config(place).send()).expect("a function");
    let interface = ec2.make_interface(&subnet, &group);

    let destroyed = world.succeed(&["destroy", "--yes"]);
    assert!(!destroyed.stderr.contains("waiting for Lambda, up to"), "{destroyed:#?}");
    assert_eq!(world.planned().len(), 7, "all is gone");
    ec2.delete_interface(&interface);
    let delete = neighbour.lambda.delete_function().function_name(&other).send();
    neighbour.runtime.block_on(delete).expect("deleted");
}
