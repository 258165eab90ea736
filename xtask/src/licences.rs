//! What the licences of the crates in the binary and in the functions inside ask for: their texts, with whom they are of.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tanets_sandbox::PeerError;

use crate::{build, files};

/// How a file's name begins that a crate keeps a licence in.
const NAMES: [&str; 4] = ["COPYING", "COPYRIGHT", "LICENSE", "NOTICE"];

/// All texts for a target; each text once, after the crates that it is for.
pub fn text(root: &Path, target: &str) -> Result<String, PeerError> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root).args([
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--filter-platform",
        target,
    ]);
    let metadata: Value = serde_json::from_str(&build::output(&mut cargo)?)
        .map_err(|error| PeerError::new("reading cargo's metadata", error))?;
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let linked = linked(&metadata);
    for package in array(&metadata["packages"]) {
        // Our own crates have no source; their licences stand beside the binary.
        if !linked.contains(text_of(&package["id"])) || package["source"].is_null() {
            continue;
        }
        let about = format!(
            "{} {}: {}",
            text_of(&package["name"]),
            text_of(&package["version"]),
            text_of(&package["license"])
        );
        let mut found = false;
        for path in files::list(Path::new(text_of(&package["manifest_path"])).parent().unwrap_or(root))? {
            let name = files::name(&path).to_uppercase();
            if path.is_file() && NAMES.iter().any(|start| name.starts_with(start)) {
                let text =
                    String::from_utf8_lossy(&files::read(&path)?).replace("\r\n", "\n").trim().to_owned();
                texts.entry(text).or_default().insert(about.clone());
                found = true;
            }
        }
        if !found {
            let text = "(the crate names its licence and comes without a text)".to_owned();
            texts.entry(text).or_default().insert(about);
        }
    }
    let mut all = String::from("tanets contains these crates, under their licences.\n");
    for (text, crates) in texts {
        let crates = Vec::from_iter(crates).join("\n");
        // Writing to a string cannot fail.
        let _ = write!(all, "\n{}\n{crates}\n\n{text}\n", "=".repeat(80));
    }
    Ok(all)
}

/// The ids of the packages that end up in the deployer or in the function: not what only builds or tests them.
fn linked(metadata: &Value) -> BTreeSet<&str> {
    let nodes: BTreeMap<&str, &Value> =
        array(&metadata["resolve"]["nodes"]).map(|node| (text_of(&node["id"]), node)).collect();
    let roots = array(&metadata["packages"]).filter(|package| {
        package["source"].is_null() && ["tanets", "tanets-function"].contains(&text_of(&package["name"]))
    });
    let mut open = Vec::from_iter(roots.map(|package| text_of(&package["id"])));
    let mut linked = BTreeSet::new();
    while let Some(id) = open.pop() {
        if linked.insert(id) {
            let dependencies = nodes.get(id).into_iter().flat_map(|node| array(&node["deps"]));
            let normal =
                dependencies.filter(|dep| array(&dep["dep_kinds"]).any(|kind| kind["kind"].is_null()));
            open.extend(normal.map(|dep| text_of(&dep["pkg"])));
        }
    }
    linked
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
