//! The old Terraform module's deployment: refused, then taken over in one run.

use tanets_sandbox::require_peer;

use crate::neighbour::Neighbour;
use crate::output::types;
use crate::world::{CONFIG, Emulator, SECRET, World};

/// How the module was called.
const BLOCK: &str = r##"
variable "levels" {
  default = "Fatal,Warning"
}
module "digest" {
  source          = "git::https://github.com/ryota548/tanets"
  name            = "NAME"
  notify_schedule = "cron(15 1 * * ? *)"
  environment = {
    SLACK_WEBHOOK_URL = "https://hooks.slack.com/services/T0/B0/SECRET"
    SLACK_CHANNEL     = "#old"
    ES_ENDPOINT       = aws_elasticsearch_domain.logs.endpoint
    ES_INDEXIS        = "hoge-index"
    ERROR_LEVEL       = var.levels
    UNIT_OF_TIME      = "h"
  }
}
"##;

fn the_modules_deployment_is_refused_then_adopted_in_one_run(emulator: Emulator) {
    let world = require_peer!(World::new(emulator));
    let neighbour = Neighbour::of(&world);
    neighbour.deploy_the_module();

    let refused = world.tanets(&["deploy", "--yes", "-vv"]);
    assert_eq!((refused.code, refused.writes()), (4, vec![]), "{refused:#?}");
    for address in ["role", "function", "rule"] {
        let told = format!("{address} `{}` exists and is not ours", world.name);
        assert!(refused.stderr.contains(&told), "{}", refused.stderr);
    }
    assert!(refused.stderr.contains("--adopt"), "{}", refused.stderr);
    let destroy = world.tanets(&["destroy", "--yes", "-vv"]);
    assert_eq!((destroy.code, destroy.writes()), (0, vec![]), "{destroy:#?}");

    let planned = world.succeed(&["plan", "--adopt"]).stdout;
    assert!(planned.contains("update, it is taken over"), "{planned}");
    let adopted = world.succeed(&["deploy", "--adopt", "--yes", "-vv"]);
    assert_eq!(neighbour.target_ids(), ["tanets"]);
    assert_eq!(neighbour.statement_ids(), ["tanets"]);
    let order = |operation: &str| adopted.writes().iter().position(|write| *write == operation);
    let moves = ["AddPermission", "RemoveTargets", "PutTargets", "RemovePermission"].map(order);
    assert!(moves.is_sorted() && moves[0].is_some(), "in this order: {:?}", adopted.writes());
    world.assert_converged();
    let status = world.succeed(&["status"]);
    assert_eq!(status.stdout.lines().filter(|line| line.starts_with("= ")).count(), 7, "{}", status.stdout);
    world.succeed(&["destroy", "--yes"]);
}

#[test]
fn the_modules_deployment_is_adopted_on_ministack() {
    the_modules_deployment_is_refused_then_adopted_in_one_run(Emulator::Ministack);
}

#[test]
fn the_modules_deployment_is_adopted_on_moto() {
    the_modules_deployment_is_refused_then_adopted_in_one_run(Emulator::Moto);
}

#[test]
fn the_old_modules_block_becomes_a_file_that_takes_it_over() {
    let world = require_peer!(World::new(Emulator::Moto));
    Neighbour::of(&world).deploy_the_module();
    let infra = world.folder().join("infra");
    std::fs::create_dir(&infra).expect("a folder");
    let block = BLOCK.replace("NAME", &world.name).replace("SECRET", SECRET);
    std::fs::write(infra.join("main.tf"), block).expect("main.tf");
    let package = CONFIG[CONFIG.find("[function]").expect("a table")..].to_owned();

    let init = ["init", "--from-terraform", "infra", "--force"];
    let unanswered = world.tanets(&init);
    assert_eq!(unanswered.code, 64, "{unanswered:#?}");
    let told = "ask: --endpoint\n  infra/main.tf:12: elasticsearch.endpoint: `aws_elasticsearch_domain.logs.endpoint` isn't";
    assert!(unanswered.stderr.contains(told), "{}", unanswered.stderr);
    let endpoint = "https://search-logs-x.ap-northeast-1.es.amazonaws.com";
    let written = world.succeed(&[&init[..], &["--endpoint", endpoint]].concat());
    for step in [
        "tanets secret set /tanets/slack-webhook",
        "tanets plan --adopt",
        "tanets deploy --adopt",
        "terraform state rm module.digest",
    ] {
        assert!(written.stdout.contains(step), "{step} in {}", written.stdout);
    }
    let json = world.succeed(&[&init[..], &["--endpoint", endpoint, "-o", "json"]].concat());
    assert_eq!(types(&json).last().map(String::as_str), Some("written"));
    world.succeed(&["check"]);

    // The function under test is the only thing that the block doesn't say.
    let path = world.folder().join("tanets.toml");
    let text = std::fs::read_to_string(&path).expect("tanets.toml");
    assert!(!text.contains(SECRET), "{text}");
    world.write(&format!("{text}\n{package}"));
    world.succeed(&["deploy", "--adopt", "--yes"]);
    world.assert_converged();
    world.succeed(&["destroy", "--yes"]);
}
