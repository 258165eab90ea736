//! `tanets policy --operate` against what the single verbs really call.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tanets_sandbox::manners::Request;
use tanets_sandbox::require_peer;

use crate::access::{actions, asked, is_allowed, needs_none, printed};
use crate::secret::piped;
use crate::world::{CONFIG, Emulator, SECRET, World};

/// What no request of ours is made for: a search is signed for the cluster, Parameter Store asks KMS, and GetFunction's answer
/// has no tags without the last.
const WITHOUT_A_REQUEST: [&str; 5] =
    ["es:ESHttpGet", "es:ESHttpPost", "kms:Decrypt", "kms:Encrypt", "lambda:ListTags"];

/// The action of a request as IAM names it, and its resource.
fn wanted(world: &World, request: &Request) -> (String, String, Option<String>) {
    let Request { service, operation, input, .. } = request;
    let region = format!("ap-northeast-1:{}", world.account);
    let (action, arn) = match (service.as_str(), operation.as_str()) {
        ("lambda", "Invoke") => {
            ("lambda:InvokeFunction".to_owned(), format!("arn:aws:lambda:{region}:function:{}", world.name))
        }
        ("tagging", _) => (format!("tag:{operation}"), "*".to_owned()),
        ("iam", "ListRoles") | ("ssm", "DescribeParameters") => {
            (format!("{service}:{operation}"), "*".to_owned())
        }
        ("ssm", _) => {
            let name = input["Name"].as_str().expect("a name").trim_start_matches('/');
            (format!("ssm:{operation}"), format!("arn:aws:ssm:{region}:parameter/{name}"))
        }
        _ => return asked(world, request),
    };
    (action, arn, None)
}

#[test]
fn the_policy_of_operating_allows_exactly_what_the_single_verbs_call() {
    let world = require_peer!(World::new(Emulator::Ministack));
    let name = format!("/tanets/{}", world.name);
    let plain = format!("\"http://127.0.0.1:1/services/T0/B0/{SECRET}\"");
    world.write(&CONFIG.replace(&plain, &format!("\"ssm:{name}\"")));
    world.succeed(&["deploy", "--yes"]);
    let mut policy = printed(&world, &["--operate"]);
    // One action or resource may stand without a list.
    for statement in policy["Statement"].as_array_mut().expect("statements") {
        for key in ["Action", "Resource"] {
            if statement[key].is_string() {
                statement[key] = json!([statement[key]]);
            }
        }
    }
    world.aws.clear();
    // Where nobody listens: a preview that fails is told there.
    let webhook = format!("http://127.0.0.1:1/services/T0/B0/{SECRET}");
    for _ in 0..2 {
        assert_eq!(piped(&world, &["secret", "set", "--yes"], &webhook).code, 0);
    }
    // There is no cluster to count in.
    for (arguments, code) in [
        (&["secret", "check"][..], 0),
        (&["plan"], 0),
        (&["status"], 0),
        (&["status", "--all"], 0),
        (&["invoke"], 1),
        (&["logs"], 0),
        (&["preview", "--post", "--timeout", "20s"], 1),
    ] {
        let run = world.tanets(arguments);
        assert_eq!(run.code, code, "{run:#?}");
    }
    let requests = world.aws.requests();
    let all = requests.iter().map(|request| wanted(&world, request)).filter(|wanted| !needs_none(wanted));
    let called =
        all.inspect(|wanted| assert!(is_allowed(&policy, wanted), "{wanted:?} is refused by {policy:#}"));
    let called: BTreeSet<String> = called.map(|(action, ..)| action).collect();
    let more = Vec::from_iter(actions(&policy).difference(&called).cloned());
    assert_eq!(more, WITHOUT_A_REQUEST);
    // Nothing of what is deployed can be changed with it.
    let written = requests.iter().filter(|request| !request.is_read());
    let written: BTreeSet<&str> = written.map(|request| request.operation.as_str()).collect();
    assert_eq!(written, BTreeSet::from(["FilterLogEvents", "Invoke", "PutParameter"]));
    let formats = ["terraform", "cloudformation"]
        .map(|format| world.succeed(&["policy", "--operate", "--format", format]));
    assert!(formats.iter().all(|run| run.stdout.contains("-operate")), "{formats:#?}");
    let both = world.tanets(&["policy", "--operate", "--github", "acme/logs"]);
    assert_eq!((both.code, Value::from(both.stdout)), (64, json!("")));
}
