//! Destroying a function in a VPC: the network interfaces that Lambda leaves there for a while.

use std::time::Duration;

use tanets_sandbox::require_peer;

use crate::world::{Emulator, World};

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

    /// What Lambda leaves in the VPC for some minutes after the stack's function; in some subnet.
    fn make_interface(&self) -> String {
        let subnet = self.first("Action=DescribeSubnets", "<subnetId>");
        let description = format!("AWS%20Lambda%20VPC%20ENI-{}-0a1b2c3d", self.0.name);
        let make = format!("Action=CreateNetworkInterface&SubnetId={subnet}&Description={description}");
        self.first(&make, "<networkInterfaceId>")
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
    let interface = ec2.make_interface();
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
