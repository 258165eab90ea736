//! `cargo sandbox matrix`: the product on one real search server after the other, with the same logs and questions.

mod ask;
mod days;
mod indexes;
mod logs;
mod questions;
mod ways;

use std::collections::BTreeMap;

use serde_json::Value;
use tanets_function::slack::grouped;
use tanets_sandbox::progress::Progress;
use tanets_sandbox::{Java, PeerError, Product, RELEASES, Release, SearchServer};
use tokio::runtime::Runtime;

use self::ask::ask;
use self::logs::Logs;
use self::questions::questions;
use self::ways::{Ways, ways_into};
use crate::screen::Screen;

/// What came of a server.
struct Row {
    release: Release,
    tried: Result<Tried, NotTried>,
}

/// Why a server was not asked.
struct NotTried {
    why: String,
    /// False if this machine only lacks a Java for it.
    failed: bool,
}

/// A server that was asked.
struct Tried {
    /// As the server tells it.
    java: String,
    documents: usize,
    questions: usize,
    /// What was wrong.
    wrong: Vec<String>,
}

/// Asks the servers whose names begin with one of these, or all.
///
/// # Errors
/// If a name is nobody's; after the table, if a server did not start or take its logs, or an answer was wrong. A server
/// for which the machine has no Java is named, and no error unless `required`.
pub fn matrix(names: &[String], required: bool, screen: &Screen) -> Result<(), PeerError> {
    let releases = chosen(names)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| PeerError::new("preparing the questions", error))?;
    let logs = Logs::generate()?;
    let mut rows = Vec::new();
    for release in releases {
        let not_tried = |error: PeerError, failed| NotTried { why: error.explain(), failed };
        let missing = match release.java {
            Java::Installed { .. } => release.java.home(&|_| {}).err(),
            Java::Packaged(_) => None,
        };
        let tried = match missing {
            Some(error) => Err(not_tried(error, false)),
            None => screen
                .step(&release.name(), |progress| {
                    let server = SearchServer::start(release, progress)?;
                    let tried = try_out(&server, &logs, &runtime, progress)?;
                    let answers = tried.answers();
                    Ok((tried, answers))
                })
                .map_err(|error| not_tried(error, true)),
        };
        rows.push(Row { release: *release, tried });
    }
    screen.result(table(&rows));
    let unsettled = rows.iter().any(|row| match &row.tried {
        Ok(tried) => !tried.wrong.is_empty(),
        Err(not_tried) => not_tried.failed || required,
    });
    if unsettled {
        Err(PeerError::new("asking all servers", "see the lines below the table"))
    } else {
        Ok(())
    }
}

impl Tried {
    fn answers(&self) -> String {
        format!("{} of {}", self.questions - self.wrong.len(), self.questions)
    }
}

fn chosen(names: &[String]) -> Result<Vec<&'static Release>, PeerError> {
    let begins = |release: &Release, name: &String| release.name().starts_with(name.as_str());
    if let Some(name) = names.iter().find(|name| !RELEASES.iter().any(|release| begins(release, name))) {
        let known = RELEASES.iter().map(Release::name).collect::<Vec<_>>().join(", ");
        return Err(PeerError::new("choosing servers", format!("{name} is none of {known}")));
    }
    let wanted = |release: &&Release| names.is_empty() || names.iter().any(|name| begins(release, name));
    Ok(RELEASES.iter().filter(wanted).collect())
}

fn try_out(
    server: &SearchServer,
    logs: &Logs,
    runtime: &Runtime,
    progress: &Progress<'_>,
) -> Result<Tried, PeerError> {
    let node = server.get("/_nodes/_local?filter_path=nodes.*.version,nodes.*.jvm.version")?;
    let node = node["nodes"].as_object().and_then(|nodes| nodes.values().next()).unwrap_or(&Value::Null);
    let (version, java) = (node["version"].as_str(), node["jvm"]["version"].as_str());
    if version != Some(server.release().version) {
        return Err(PeerError::new("looking at the server", format!("it says that it is {version:?}")));
    }
    let documents = indexes::load(server, logs, progress)?;
    let ways = Ways::prepare(server, progress)?;
    let questions = questions(server.release());
    let mut wrong = Vec::new();
    for question in &questions {
        progress(question.about);
        if let Err(why) = runtime.block_on(ask(&ways, logs, question)) {
            wrong.push(format!("{}, {}: {why}", question.about, question.day.why));
        }
    }
    let java = java.unwrap_or("?").to_owned();
    Ok(Tried { java, documents, questions: questions.len(), wrong })
}

/// In Markdown.
fn table(rows: &[Row]) -> String {
    let mut table = "| server | version | Java | documents | authentication | not there | right answers |\n\
                     |---|---|---|---|---|---|---|\n"
        .to_owned();
    let mut below = BTreeMap::<String, Vec<String>>::new();
    for Row { release, tried } in rows {
        let product = match release.product {
            Product::OpenSearch => "OpenSearch",
            Product::Elasticsearch => "Elasticsearch",
        };
        let lacks = [(release.date_nanos, "`date_nanos`"), (release.data_streams, "data streams")];
        let lacks: Vec<_> = lacks.iter().filter(|(has, _)| !has).map(|(_, what)| *what).collect();
        let (java, documents, answers) = match tried {
            Ok(tried) => (tried.java.as_str(), grouped(tried.documents as u64), tried.answers()),
            Err(_) => ("-", "-".to_owned(), "not run".to_owned()),
        };
        let cells =
            [product, release.version, java, &documents, ways_into(release), &lacks.join(", "), &answers];
        table.push_str(&format!("| {} |\n", cells.join(" | ")));
        let remarks = match tried {
            Ok(tried) => tried.wrong.clone(),
            Err(NotTried { why, .. }) => vec![format!("not run: {}", why.replace('\n', "; "))],
        };
        for remark in remarks {
            below.entry(remark).or_default().push(format!("{product} {}", release.version));
        }
    }
    // What is wrong with many servers is said once.
    for (remark, servers) in below {
        table.push_str(&format!("\n- {remark} ({})", servers.join(", ")));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_chosen_by_the_beginning_of_their_names() {
        let names = |given: &[&str]| -> Vec<_> {
            let given: Vec<_> = given.iter().map(|name| (*name).to_owned()).collect();
            chosen(&given)
                .map(|releases| releases.iter().map(|release| release.name()).collect())
                .unwrap_or_default()
        };
        assert_eq!(names(&[]).len(), RELEASES.len());
        assert_eq!(names(&["opensearch-2"]), ["opensearch-2.19.1"]);
        assert_eq!(
            names(&["elasticsearch-7.10", "opensearch-3"]),
            ["opensearch-3.8.0", "elasticsearch-7.10.2"]
        );
        assert!(names(&["solr"]).is_empty());
    }

    #[test]
    fn the_table_names_what_was_wrong_and_what_could_not_run() {
        let wrong = vec!["message, a day of 24 hours: told 0".to_owned()];
        let tried = || {
            Ok(Tried { java: "25.0.2".to_owned(), documents: 100_123, questions: 41, wrong: wrong.clone() })
        };
        let rows = [
            Row { release: RELEASES[0], tried: tried() },
            Row { release: RELEASES[1], tried: tried() },
            Row {
                release: RELEASES[7],
                tried: Err(NotTried { why: "no Java\nhint: install one".to_owned(), failed: false }),
            },
        ];
        assert_eq!(
            table(&rows),
            "| server | version | Java | documents | authentication | not there | right answers |\n\
             |---|---|---|---|---|---|---|\n\
             | OpenSearch | 1.3.13 | 25.0.2 | 100,123 | none, SigV4 `es`, `aoss` |  | 40 of 41 |\n\
             | OpenSearch | 2.19.1 | 25.0.2 | 100,123 | none, SigV4 `es`, `aoss` |  | 40 of 41 |\n\
             | Elasticsearch | 9.5.3 | - | - | basic, API key, private CA |  | not run |\n\n\
             - message, a day of 24 hours: told 0 (OpenSearch 1.3.13, OpenSearch 2.19.1)\n\
             - not run: no Java; hint: install one (Elasticsearch 9.5.3)"
        );
    }
}
