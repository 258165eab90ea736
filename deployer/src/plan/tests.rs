use proptest::prelude::*;

use super::*;
use crate::attributes::Value;

const ROLE: Address = Address::new("role");
const LOG_GROUP: Address = Address::new("log_group");
const FUNCTION: Address = Address::new("function");
const PERMISSION: Address = Address::new("permission");
const RULE: Address = Address::new("rule");
const TARGET: Address = Address::new("target");

/// The edges of the real stack.
const NEEDS: [(Address, &[Address]); 6] = [
    (ROLE, &[]),
    (LOG_GROUP, &[]),
    (FUNCTION, &[ROLE, LOG_GROUP]),
    (RULE, &[]),
    (PERMISSION, &[FUNCTION, RULE]),
    (TARGET, &[PERMISSION, RULE, FUNCTION]),
];

fn attributes(value: i64) -> Attributes {
    Attributes::default().with("size", Value::Number(value))
}

fn candidate(index: usize, desired: Option<i64>, observed: Option<i64>) -> Candidate {
    let (address, needs) = NEEDS[index].clone();
    Candidate {
        name: format!("the-{address}"),
        address,
        needs,
        desired: desired.map(attributes),
        observed: observed.map(|value| Observed::new(attributes(value), Owner::Ours)),
    }
}

#[test]
fn each_pair_of_desired_and_observed_has_its_step() {
    let table = [
        (None, None, None),
        (Some(1), None, Some((Action::Create, Reason::Missing))),
        (None, Some(1), Some((Action::Delete, Reason::Destroy))),
        (Some(1), Some(1), None),
        (Some(2), Some(1), Some((Action::Update, Reason::Differs))),
    ];
    for (desired, observed, expected) in table {
        let plan = plan(vec![candidate(0, desired, observed)], false);
        assert_eq!(plan.steps.first().map(|step| (step.action, step.reason)), expected);
        assert_eq!(plan.unchanged.len(), usize::from(expected.is_none()));
    }
}

#[test]
fn a_resource_that_is_not_ours_blocks_a_deploy_is_left_by_a_destroy_and_may_be_adopted() {
    let other = Owner::Stack("other".to_owned());
    let table = [
        (Some(1), Owner::Unknown, false, (1, 0, 0)),
        (None, Owner::Unknown, false, (0, 1, 0)),
        (Some(2), Owner::Unknown, true, (0, 0, 1)),
        (Some(2), other.clone(), true, (1, 0, 0)),
        (None, other, false, (0, 1, 0)),
    ];
    for (desired, owner, adopt, expected) in table {
        let mut stranger = candidate(0, desired, Some(1));
        stranger.observed.as_mut().unwrap().owner = owner;
        let plan = plan(vec![stranger], adopt);
        assert_eq!((plan.blocked.len(), plan.left.len(), plan.steps.len()), expected);
        assert!(plan.steps.iter().all(|step| step.reason == Reason::Adopted));
    }
}

#[test]
fn what_others_put_beside_a_missing_resource_is_known_to_its_step() {
    let mut beside = candidate(5, Some(1), Some(7));
    beside.observed.as_mut().unwrap().present = false;
    let created = plan(vec![beside], false);
    assert_eq!(
        (created.steps[0].action, created.steps[0].changes[0].before.clone()),
        (Action::Create, Value::Number(7))
    );
    let mut beside = candidate(5, None, Some(7));
    beside.observed.as_mut().unwrap().present = false;
    assert_eq!(plan(vec![beside], false).steps, []);
}

#[test]
fn a_first_deploy_makes_each_thing_after_what_it_needs() {
    let plan = plan((0..6).map(|index| candidate(index, Some(1), None)).collect(), false);
    let after: Vec<_> = plan.steps.iter().map(|s| (s.address.to_string(), s.after.len())).collect();
    let expected =
        [("role", 0), ("log_group", 0), ("function", 2), ("rule", 0), ("permission", 2), ("target", 3)];
    assert_eq!(after, expected.map(|(address, count)| (address.to_owned(), count)));
}

#[test]
fn a_destroy_removes_each_thing_before_what_it_needs() {
    let plan = plan((0..6).map(|index| candidate(index, None, Some(1))).collect(), false);
    let order: Vec<_> = plan.steps.iter().map(|step| step.address.clone()).collect();
    assert_eq!(order, [TARGET, PERMISSION, RULE, FUNCTION, LOG_GROUP, ROLE]);
    let role = plan.steps.last().unwrap();
    assert_eq!(role.after, BTreeSet::from([FUNCTION]));
}

proptest! {
    /// Whatever mixture of actions: no step waits for itself, and both orders hold.
    #[test]
    fn any_mixture_of_actions_can_be_carried_out(
        states in proptest::array::uniform6((proptest::option::of(1..3i64), proptest::option::of(1..3i64)))
    ) {
        let candidates = states.iter().enumerate().map(|(i, (d, o))| candidate(i, *d, *o)).collect();
        let plan = plan(candidates, false);
        let actions: BTreeMap<_, _> = plan.steps.iter().map(|s| (s.address.clone(), s.action)).collect();
        let mut done = BTreeSet::new();
        while done.len() < plan.steps.len() {
            let ready: Vec<_> = plan.steps.iter()
                .filter(|s| !done.contains(&s.address) && s.after.is_subset(&done))
                .map(|s| s.address.clone())
                .collect();
            prop_assert!(!ready.is_empty(), "a cycle: {:?}", plan.steps);
            for address in ready {
                for (dependent, needs) in &NEEDS {
                    if needs.contains(&address) && actions.contains_key(dependent) {
                        let dependent_first = actions[&address] == Action::Delete;
                        prop_assert_eq!(done.contains(dependent), dependent_first);
                    }
                }
                done.insert(address);
            }
        }
    }
}
