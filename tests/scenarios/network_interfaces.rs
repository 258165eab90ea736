//! Destroying a function in a VPC: the network interfaces that Lambda leaves there for a while.

use tanets_sandbox::require_peer;

use crate::world::{Emulator, World};

#[test]
fn a_role_outlasts_the_network_interfaces_that_lambda_removes_with_it() {
    let world = require_peer!(World::new(Emulator::Moto));
    world.succeed(&["deploy", "--yes"]);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let ec2 = |body: &str| world.request("ec2", "/", &form, &format!("Version=2016-11-15&{body}"));
    let between = |text: &str, start: &str| {
        let rest = text.split_once(start).unwrap_or_else(|| panic!("{start} in {text}")).1;
        rest.split('<').next().expect("a text").to_owned()
    };
    // What Lambda leaves in the VPC for some minutes after a function.
    let subnet = between(&ec2("Action=DescribeSubnets"), "<subnetId>");
    let description = format!("AWS%20Lambda%20VPC%20ENI-{}-0a1b2c3d", world.name);
    let interface =
        ec2(&format!("Action=CreateNetworkInterface&SubnetId={subnet}&Description={description}"));
    let interface = between(&interface, "<networkInterfaceId>");

    let quick = world.succeed(&["destroy", "--yes", "--no-wait"]);
    assert!(quick.stdout.contains("Left: role"), "{}", quick.stdout);
    let mut waiting = world.command(&["destroy", "--yes"]).spawn().expect("the binary runs");
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert!(waiting.try_wait().expect("its state").is_none(), "the role went before the interface");
    ec2(&format!("Action=DeleteNetworkInterface&NetworkInterfaceId={interface}"));
    assert!(waiting.wait().expect("its end").success());
    assert_eq!(world.planned().len(), 7, "all is gone");
}
