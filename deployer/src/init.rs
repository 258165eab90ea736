//! A first tanets.toml: the six answers that it needs, each checked by the configuration's own parser, and the commented
//! text. Pure: asks nobody and writes no file.

use std::path::Path;

use crate::config::{Config, ConfigError, Problem};

/// One thing that a tanets.toml can't do without.
#[derive(Debug)]
pub struct Question {
    /// The key, with its table.
    pub key: &'static str,
    /// The flag that answers it.
    pub flag: &'static str,
    /// What is asked.
    pub text: &'static str,
    /// What Enter stands for.
    pub default: Option<&'static str>,
    /// What an answer looks like.
    pub example: &'static str,
    /// Whether the answer is a list, separated by commas.
    is_list: bool,
}

/// The questions, in their order.
pub const QUESTIONS: [Question; 6] = [
    Question {
        key: "name",
        flag: "--name",
        text: "What shall role, function and rule be called?",
        default: Some("error_log_daily_notify"),
        example: "error_log_daily_notify",
        is_list: false,
    },
    Question {
        key: "schedule",
        flag: "--schedule",
        text: "When shall the digest come? EventBridge's cron or rate, in UTC: 01:15 is 10:15 in Tokyo",
        default: Some("cron(15 1 * * ? *)"),
        example: "cron(15 1 * * ? *)",
        is_list: false,
    },
    Question {
        key: "elasticsearch.endpoint",
        flag: "--endpoint",
        text: "Where is Elasticsearch or OpenSearch?",
        default: None,
        example: "https://vpc-logs-x.ap-northeast-1.es.amazonaws.com",
        is_list: false,
    },
    Question {
        key: "elasticsearch.indexes",
        flag: "--indexes",
        text: "Which indexes hold the logs? Names and patterns, with commas between",
        default: None,
        example: "app-*, web-*",
        is_list: true,
    },
    Question {
        key: "digest.levels",
        flag: "--levels",
        text: "Which words in log lines are counted? With commas between",
        default: Some("Fatal, Error, Warning"),
        example: "Fatal, Error, Warning",
        is_list: true,
    },
    Question {
        key: "slack.webhook",
        flag: "--webhook",
        text: "Where is the Slack webhook kept? A parameter of SSM keeps it secret: `tanets secret set` puts it there",
        default: Some("ssm:/tanets/slack-webhook"),
        example: "ssm:/tanets/slack-webhook",
        is_list: false,
    },
];

/// What is asked beside them where the endpoint is a reference: the role gets its rights by the domain's name.
pub const DOMAIN: Question = Question {
    key: "elasticsearch.domain",
    flag: "--domain",
    text: "Which OpenSearch domain does the reference lead to? Its name, as the console lists it",
    default: None,
    example: "logs-x",
    is_list: false,
};

/// The answers, in the order of [`QUESTIONS`], and what else is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// An answer a question; none is still to be given.
    pub answers: [Option<String>; 6],
    /// Keys beside the questions', with their values: `slack.channel`, `digest.timezone`.
    pub more: Vec<(&'static str, String)>,
}

impl Question {
    /// What is wrong with an answer, by itself.
    ///
    /// # Errors
    /// The configuration's own words.
    pub fn check(&self, answer: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<(), Box<Problem>> {
        let mut draft = Draft { more: vec![(self.key, answer.to_owned())], ..Draft::of_examples() };
        for (question, given) in QUESTIONS.iter().zip(&mut draft.answers) {
            if question.key == self.key {
                *given = Some(answer.to_owned());
            }
        }
        // The examples of the others are right: whatever is wrong is this answer's, or what it makes necessary.
        let mut problems = draft.problems(env).into_iter();
        let wrong = problems.find(|problem| self.key == DOMAIN.key || !problem.is_about(DOMAIN.key));
        wrong.map_or(Ok(()), |problem| Err(Box::new(problem)))
    }

    fn value(&self, answer: &str) -> toml::Value {
        match self.is_list {
            true => items(answer).into(),
            false => answer.trim().into(),
        }
    }
}

/// What a list of an answer has in it. A Japanese keyboard has other commas.
pub fn items(answer: &str) -> Vec<&str> {
    answer.split([',', '\u{ff0c}', '、']).map(str::trim).filter(|item| !item.is_empty()).collect()
}

impl Draft {
    /// The questions' own examples: a valid tanets.toml of nobody's.
    pub fn of_examples() -> Self {
        let answers = QUESTIONS.each_ref().map(|question| Some(question.example.to_owned()));
        Self { answers, more: Vec::new() }
    }

    /// What is wrong with it so far, by the configuration's own parser.
    pub fn problems(&self, env: &dyn Fn(&str) -> Option<String>) -> Vec<Problem> {
        match Config::parse(&self.text(), Path::new("tanets.toml"), env) {
            Err(ConfigError::Invalid { problems }) => problems,
            Ok(_) | Err(ConfigError::Read { .. }) => Vec::new(),
        }
    }

    /// Whether the endpoint doesn't tell the domain that the role may search, and nothing else does.
    pub fn needs_domain(&self, env: &dyn Fn(&str) -> Option<String>) -> bool {
        self.problems(env).iter().any(|problem| problem.is_about(DOMAIN.key))
            && self.more.iter().all(|(key, _)| *key != DOMAIN.key)
    }

    /// The text of tanets.toml. What isn't answered stays out.
    pub fn text(&self) -> String {
        let line = |key: &str| {
            let name = key.rsplit('.').next().unwrap_or(key);
            let asked = QUESTIONS.iter().zip(&self.answers).find(|(question, _)| question.key == key);
            let value = match asked {
                Some((question, answer)) => answer.as_deref().map(|answer| question.value(answer)),
                None => {
                    self.more.iter().find(|(other, _)| *other == key).map(|(_, value)| value.as_str().into())
                }
            };
            value.map(|value| format!("{name} = {value}\n"))
        };
        let given = |key: &str| line(key).unwrap_or_default();
        let or = |key: &str, else_: &str| line(key).unwrap_or_else(|| format!("# {else_}\n"));
        [
            "#:schema ",
            SCHEMA_URL,
            "\n# What tanets deploys. All keys, with their defaults: the README, or an editor that reads the line above.\n\n",
            "# Role, function and rule have this name; another name is another stack.\n",
            &given("name"),
            "# In UTC; `tanets schedule` explains it.\n",
            &given("schedule"),
            &or("region", "region = \"ap-northeast-1\""),
            "# account = \"123456789012\"      # any other account is refused\n# protect = true                # `tanets destroy` is refused\n",
            "\n[elasticsearch]\n",
            &given("elasticsearch.endpoint"),
            &given("elasticsearch.domain"),
            &given("elasticsearch.indexes"),
            "# field = \"log.level\"           # where a level's name is looked for: \"message\" by default\n",
            "\n[slack]\n# The reference of a secret: ssm:NAME, secretsmanager:ID, kms:CIPHERTEXT; or ${ENV}.\n",
            &given("slack.webhook"),
            &given("slack.channel"),
            &given("slack.username"),
            "\n[digest]\n",
            &given("digest.levels"),
            "# Whose calendar days are counted.\n",
            &or("digest.timezone", "timezone = \"Asia/Tokyo\"        # UTC by default"),
            &or("digest.language", "language = \"en\"                # \"ja\" by default"),
            &given("digest.per"),
            &or("digest.kibana", "kibana = \"https://kibana.example.com/\""),
            "\n# For a domain in a VPC. These subnets need a route to a NAT gateway, or Slack can't be reached.\n",
            "# [vpc]\n# subnets = [\"subnet-0a1\", \"subnet-0c2\"]\n# security_groups = [\"sg-0d3\"]\n",
        ]
        .concat()
    }
}

/// Where the schema of this version is published.
const SCHEMA_URL: &str = concat!(
    env!("CARGO_PKG_REPOSITORY"),
    "/raw/v",
    env!("CARGO_PKG_VERSION"),
    "/deployer/tanets.schema.json"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_default_and_example_is_right_and_the_text_is_what_was_answered() {
        for question in &QUESTIONS {
            for answer in [Some(question.example), question.default].into_iter().flatten() {
                assert!(question.check(answer, &|_| None).is_ok(), "{}: {answer}", question.key);
            }
            assert!(question.check("", &|_| None).is_err(), "{}", question.key);
        }
        let more = [("digest.timezone", "Asia/Tokyo"), ("slack.username", "say \"hi\"\\")];
        let more = more.map(|(key, value)| (key, value.to_owned())).to_vec();
        let draft = Draft { more, ..Draft::of_examples() };
        let config = Config::parse(&draft.text(), Path::new("tanets.toml"), &|_| None).unwrap();
        assert_eq!(config.settings.indexes, ["app-*", "web-*"]);
        assert_eq!(config.settings.username.as_deref(), Some("say \"hi\"\\"));
        assert_eq!(config.settings.timezone.iana_name(), Some("Asia/Tokyo"));
    }

    #[test]
    fn a_wrong_answer_gets_the_configurations_words() {
        let problem = |key: &str, answer: &str| {
            let question = QUESTIONS.iter().find(|question| question.key == key).unwrap();
            question.check(answer, &|_| None).unwrap_err()
        };
        assert!(problem("name", "my digest").message.contains("1-64 letters"));
        assert_eq!(
            problem("schedule", "15 1 * * *").hint.as_deref(),
            Some("as EventBridge writes it: `cron(15 1 * * ? *)`")
        );
        assert!(problem("elasticsearch.indexes", "App-*").message.contains("lower case"));
    }

    #[test]
    fn a_list_is_taken_apart_at_japanese_commas_too() {
        let mut draft = Draft::of_examples();
        draft.answers[3] = Some("app-*, ログ-*、web-*".to_owned());
        draft.answers[4] = Some("エラー、警告\u{ff0c}Fatal,,".to_owned());
        let config = Config::parse(&draft.text(), Path::new("tanets.toml"), &|_| None).unwrap();
        assert_eq!(config.settings.indexes, ["app-*", "ログ-*", "web-*"]);
        assert!(draft.text().contains("levels = [\"エラー\", \"警告\", \"Fatal\"]"), "{}", draft.text());
    }

    #[test]
    fn a_reference_to_the_endpoint_needs_the_domains_name_beside_it() {
        let endpoint = &QUESTIONS[2];
        let draft = |endpoint: &str, more| Draft {
            answers: QUESTIONS.each_ref().map(|question| {
                Some(if question.flag == "--endpoint" { endpoint } else { question.example }.to_owned())
            }),
            more,
        };
        for (address, needs) in [("ssm:/tanets/endpoint", true), (endpoint.example, false), ("ssm:", false)] {
            assert_eq!(draft(address, Vec::new()).needs_domain(&|_| None), needs, "{address}");
        }
        assert!(endpoint.check("ssm:/tanets/endpoint", &|_| None).is_ok());
        assert!(DOMAIN.check("Logs", &|_| None).is_err_and(|problem| problem.is_about(DOMAIN.key)));
        let whole = draft("ssm:/tanets/endpoint", vec![(DOMAIN.key, "logs-x".to_owned())]);
        assert!(!whole.needs_domain(&|_| None) && whole.problems(&|_| None).is_empty(), "{}", whole.text());
    }
}
