use serde_json::Value;
use tanets_sandbox::manners::Request;

use super::*;
use crate::usage::Usage;

fn request(operation: &str, began: u64, ended: u64) -> Request {
    Request {
        number: 0,
        service: String::new(),
        operation: operation.to_owned(),
        began: Duration::from_millis(began),
        ended: Duration::from_millis(ended),
        status: 200,
        input: Value::Null,
    }
}

#[test]
fn figures_are_medians_a_phase_and_latency_with_the_middle_runs_requests() {
    let sample = |latency, wall, memory, requests: &[&str]| Sample {
        latency: Duration::from_millis(latency),
        phase: Phase::FirstDeploy,
        usage: Usage { wall: Duration::from_millis(wall), memory },
        requests: requests.iter().map(|operation| request(operation, 0, 1)).collect(),
    };
    let samples = [
        sample(0, 30, 7, &["CreateRole"]),
        sample(50, 99, 1, &[]),
        sample(0, 10, 9, &[]),
        sample(0, 20, 8, &["GetRole", "CreateRole"]),
    ];
    let figures = figures(&samples);
    let [figure, slow] = figures.as_slice() else { panic!("{figures:?}") };
    assert_eq!((figure.wall_ms, figure.fastest_ms, figure.slowest_ms), (20.0, 10.0, 30.0));
    assert_eq!((figure.requests, figure.writes, figure.depth, figure.memory), (2, 1, 1, 9));
    assert_eq!((slow.latency_ms, slow.wall_ms, slow.depth), (50, 99.0, 0));
}

#[test]
fn the_median_of_an_even_number_is_the_mean_of_the_two_in_the_middle() {
    assert_eq!(median(&[1.0, 2.0, 4.0, 9.0]), 3.0);
}
