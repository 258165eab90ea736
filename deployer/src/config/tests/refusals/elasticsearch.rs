//! The keys of [elasticsearch].

use super::*;

#[test]
fn bad_endpoints_and_indexes_are_refused() {
    insta::assert_snapshot!(errors(&[
        ("endpoint", "endpoint = \"\""),
        ("endpoint", "endpoint = \"ftp://search.example.com\""),
        ("endpoint", "endpoint = \"https://elastic:hunter2@search.example.com\""),
        ("endpoint", "endpoint = \"search.example.com:99999\""),
        ("endpoint", "endpoint = \"https://search.example.com/?q=1\""),
        ("endpoint", "endpoint = \"https://search example.com\""),
        ("endpoint", "endpoint = \"ssm:/endpoint\""),
        ("endpoint", "endpoint = \"search.example.com\"\nauth = \"sigv4\""),
        ("endpoint", "endpoint = \"search.example.com\"\ndomain = \"vpc-logs.es.amazonaws.com\""),
        ("endpoint", "endpoint = \"ssm:/endpoint\"\nauth = \"sigv3\""),
        ("endpoint", "endpoint = \"ssm:/endpoint\"\ndomain = \"x\""),
        ("endpoint", "endpoint = \"search.example.com\"\nfield = \"\""),
        ("endpoint", "endpoint = \"search.example.com\"\ntime_field = \" time\""),
        ("indexes", "indexes = []"),
        ("indexes", "indexes = \"app-*\""),
        ("indexes", "indexes = [\"app-*,other-*\"]"),
        ("indexes", "indexes = [\"app-*\", \"App-2026\", 7, \"a b\", \"_all\", \"app-*\"]"),
    ]), @r#"
    tanets.toml:4:12: elasticsearch.endpoint: must have a host name of letters, digits, `-` and `.`
      |
    4 | endpoint = ""
      |            ^^
      hint: such as `https://search.example.com:9200`, or a reference such as `ssm:/tanets/endpoint`
    tanets.toml:4:12: elasticsearch.endpoint: must start with https:// or http://, or with the host
      |
    4 | endpoint = "ftp://search.example.com"
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^^
      hint: such as `https://search.example.com:9200`, or a reference such as `ssm:/tanets/endpoint`
    tanets.toml:4:12: elasticsearch.endpoint: must not have a user or password in it
      |
    4 | endpoint = (sensitive)
      |            ^^^^^^^^^^^
      hint: give them with `auth = "basic"` and `credentials`
    tanets.toml:4:12: elasticsearch.endpoint: must have a port of 1-65535 after the host, or none
      |
    4 | endpoint = "search.example.com:99999"
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^^
      hint: such as `https://search.example.com:9200`, or a reference such as `ssm:/tanets/endpoint`
    tanets.toml:4:12: elasticsearch.endpoint: must not have a `?` or `#` in it
      |
    4 | endpoint = "https://search.example.com/?q=1"
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      hint: such as `https://search.example.com:9200`, or a reference such as `ssm:/tanets/endpoint`
    tanets.toml:4:12: elasticsearch.endpoint: must have a host name of letters, digits, `-` and `.`
      |
    4 | endpoint = "https://search example.com"
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      hint: such as `https://search.example.com:9200`, or a reference such as `ssm:/tanets/endpoint`
    tanets.toml:3:1: elasticsearch.domain: is required, because the endpoint does not tell which OpenSearch domain the role may search
      |
    3 | [elasticsearch]
      | ^^^^^^^^^^^^^^^
      hint: add `domain = "logs"` with the domain's name, or `auth = "none"` if requests are not signed
    tanets.toml:3:1: elasticsearch.domain: is required, because the endpoint does not tell which OpenSearch domain the role may search
      |
    3 | [elasticsearch]
      | ^^^^^^^^^^^^^^^
      hint: add `domain = "logs"` with the domain's name, or `auth = "none"` if requests are not signed
    tanets.toml:5:10: elasticsearch.domain: must be 3-28 lower-case letters, digits and `-`, first a letter, not `vpc-logs.es.amazonaws.com`
      |
    5 | domain = "vpc-logs.es.amazonaws.com"
      |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      hint: the domain's name as the OpenSearch console lists it, not its host name
    tanets.toml:5:8: elasticsearch.auth: must be "auto", "sigv4", "basic", "api-key" or "none", not `sigv3`
      |
    5 | auth = "sigv3"
      |        ^^^^^^^
      hint: did you mean "sigv4"?
    tanets.toml:5:10: elasticsearch.domain: must be 3-28 lower-case letters, digits and `-`, first a letter, not `x`
      |
    5 | domain = "x"
      |          ^^^
      hint: the domain's name as the OpenSearch console lists it, not its host name
    tanets.toml:5:9: elasticsearch.field: must not be empty
      |
    5 | field = ""
      |         ^^
      hint: remove it
    tanets.toml:5:14: elasticsearch.time_field: must not start or end with a space, or have a line break or control character
      |
    5 | time_field = " time"
      |              ^^^^^^^
    tanets.toml:5:11: elasticsearch.indexes: must not be empty
      |
    5 | indexes = []
      |           ^^
      hint: write `indexes = ["app-*"]`
    tanets.toml:5:11: elasticsearch.indexes: must be a list of strings, not a string
      |
    5 | indexes = "app-*"
      |           ^^^^^^^
      hint: write `indexes = ["app-*"]`
    tanets.toml:5:18: elasticsearch.indexes[0]: must be one name or pattern: `app-*,other-*`
      |
    5 | indexes = ["app-*,other-*"]
      |                  ^
      hint: split it: ["app-*", "other-*"]
    tanets.toml:5:22: elasticsearch.indexes[1]: must be lower case: `App-2026`
      |
    5 | indexes = ["app-*", "App-2026", 7, "a b", "_all", "app-*"]
      |                      ^
      hint: index names have no capitals; for an alias that has them, put `*` in their place

    tanets.toml:5:33: elasticsearch.indexes[2]: must be a string, not an integer
      |
    5 | indexes = ["app-*", "App-2026", 7, "a b", "_all", "app-*"]
      |                                 ^
      hint: put it in quotes

    tanets.toml:5:38: elasticsearch.indexes[3]: must not have a space or any of \ / ? " < > | # in it: `a b`
      |
    5 | indexes = ["app-*", "App-2026", 7, "a b", "_all", "app-*"]
      |                                      ^

    tanets.toml:5:43: elasticsearch.indexes[4]: must not start with `_`, `-` or `+`: `_all`
      |
    5 | indexes = ["app-*", "App-2026", 7, "a b", "_all", "app-*"]
      |                                           ^^^^^^
      hint: write "*" for all indexes

    tanets.toml:5:51: elasticsearch.indexes[5]: is there twice
      |
    5 | indexes = ["app-*", "App-2026", 7, "a b", "_all", "app-*"]
      |                                                   ^^^^^^^
      hint: remove one of them
    "#);
}

#[test]
fn bad_credentials_are_refused() {
    insta::assert_snapshot!(errors(&[
        ("indexes", "indexes = [\"a\"]\nauth = \"basic\""),
        ("indexes", "indexes = [\"a\"]\nauth = \"api-key\"\ncredentials = \"id:hunter2\""),
        ("indexes", "indexes = [\"a\"]\ncredentials = \"ssm:/c\""),
        ("indexes", "indexes = [\"a\"]\nauth = \"basic\"\ncredentials = \"${NO:-hunter2}\""),
        ("indexes", "indexes = [\"a\"]\nauth = \"basic\"\ncredentials = \"kms:hunter2\""),
    ]), @r#"
    tanets.toml:3:1: elasticsearch.credentials: is required
      |
    3 | [elasticsearch]
      | ^^^^^^^^^^^^^^^
      hint: add it in [elasticsearch], such as `credentials = "ssm:/tanets/search-credentials"`
    tanets.toml:7:15: elasticsearch.credentials: must not stand in the file
      |
    7 | credentials = (sensitive)
      |               ^^^^^^^^^^^
      hint: write a reference such as `ssm:/tanets/search-credentials`, or `${SEARCH_CREDENTIALS}`
    tanets.toml:6:15: elasticsearch.credentials: is not used with `auth = "auto"`
      |
    6 | credentials = (sensitive)
      |               ^^^^^^^^^^^
      hint: set `auth = "basic"` or `auth = "api-key"`, or remove it
    tanets.toml:7:15: elasticsearch.credentials: must be `user:password` with `auth = "basic"`
      |
    7 | credentials = (sensitive)
      |               ^^^^^^^^^^^
    tanets.toml:7:15: elasticsearch.credentials: must have after `kms:` base64 of what `aws kms encrypt` gave
      |
    7 | credentials = (sensitive)
      |               ^^^^^^^^^^^
    "#);
}
