use std::time::Duration;

use aws_credential_types::Credentials;

use super::*;
use crate::testing::{Played, Seen, Server};

async fn resolved(reference: &str, answers: Vec<Played>) -> (Result<Secret, ReferenceError>, Vec<Seen>) {
    let server = Server::play(answers);
    let environment = Environment {
        region: Some("eu-west-1".to_owned()),
        credentials: Some(Credentials::new("AKID", "key", Some("token".to_owned()), None, "test")),
        function_name: Some("notify".to_owned()),
        endpoints: ["ssm", "secretsmanager", "kms"].map(|service| (service, server.url.clone())).into(),
    };
    let reference = reference.parse().unwrap();
    let deadline = Instant::now() + Duration::from_secs(3);
    let result = resolve(&reference, &Http::new().unwrap(), &environment, deadline).await;
    (result, server.seen())
}

fn ok(body: &str) -> Played {
    ("200 OK", "", body.to_owned())
}

#[tokio::test]
async fn each_kind_is_one_signed_request() {
    let cases = [
        (
            "ssm:/tanets/webhook",
            r#"{"Parameter":{"Value":"https://x \n"}}"#,
            "x-amz-target: AmazonSSM.GetParameter",
            json!({"Name": "/tanets/webhook", "WithDecryption": true}),
            "eu-west-1/ssm",
        ),
        (
            "secretsmanager:arn:aws:secretsmanager:us-east-2:123456789012:secret:hook-AbCdEf",
            r#"{"SecretString":"https://x"}"#,
            "x-amz-target: secretsmanager.GetSecretValue",
            json!({"SecretId": "arn:aws:secretsmanager:us-east-2:123456789012:secret:hook-AbCdEf"}),
            "us-east-2/secretsmanager",
        ),
        (
            "kms:AQIC",
            r#"{"Plaintext":"aHR0cHM6Ly94"}"#,
            "x-amz-target: TrentService.Decrypt",
            json!({"CiphertextBlob": "AQIC", "EncryptionContext": {"LambdaFunctionName": "notify"}}),
            "eu-west-1/kms",
        ),
    ];
    for (reference, answer, target, body, scope) in cases {
        let (value, seen) = resolved(reference, vec![ok(answer)]).await;
        assert_eq!(value.unwrap().expose(), "https://x");
        let seen = &seen[0];
        assert_eq!(seen.line, "POST /");
        assert!(seen.headers.contains(&target.to_owned()), "{seen:?}");
        assert!(seen.headers.contains(&"x-amz-security-token: token".to_owned()));
        let authorization = seen.headers.iter().find(|line| line.starts_with("authorization: ")).unwrap();
        assert!(authorization.contains(&format!("/{scope}/aws4_request")), "{authorization}");
        assert_eq!(serde_json::from_str::<Value>(&seen.body).unwrap(), body);
    }
}

#[tokio::test]
async fn a_refusal_names_operation_code_and_message() {
    let body = r#"{"__type":"com.amazonaws.ssm#ParameterNotFound","message":"Parameter /x not found."}"#;
    let (error, _) = resolved("ssm:/x", vec![("400 Bad Request", "", body.to_owned())]).await;
    let error = error.unwrap_err();
    assert_eq!(error.to_string(), "GetParameter: ParameterNotFound: Parameter /x not found.");
    assert!(error.hint().unwrap().contains("check the name"));
    let (error, _) =
        resolved("kms:AQIC", vec![("400 B", "", r#"{"__type":"InvalidCiphertextException"}"#.to_owned())])
            .await;
    let error = error.unwrap_err();
    assert_eq!(error.to_string(), "Decrypt: InvalidCiphertextException: no message");
    assert!(error.hint().unwrap().contains("LambdaFunctionName"));
}

#[tokio::test]
async fn a_throttled_call_is_made_again() {
    let busy =
        ("400 Bad Request", "", r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#.to_owned());
    let (value, seen) = resolved("ssm:/x", vec![busy, ok(r#"{"Parameter":{"Value":"v"}}"#)]).await;
    assert_eq!(value.unwrap().expose(), "v");
    assert_eq!(seen.len(), 2);
}

#[tokio::test]
async fn an_answer_without_the_value_is_an_error_that_does_not_quote_it() {
    for body in [r#"{"SecretBinary":"c2VjcmV0"}"#, r#"{"SecretString":"  "}"#, "secret"] {
        let (error, _) = resolved("secretsmanager:x", vec![ok(body)]).await;
        assert_eq!(crate::error::chain(&error.unwrap_err()), "GetSecretValue gave no text value");
    }
}

#[tokio::test]
async fn a_plain_value_needs_nobody() {
    let deadline = Instant::now() + Duration::from_secs(1);
    let reference = Reference::Plain(Secret::new("x"));
    let value = resolve(&reference, &Http::new().unwrap(), &Environment::default(), deadline).await;
    assert_eq!(value.unwrap().expose(), "x");
    let reference = Reference::Ssm("x".to_owned());
    let error =
        resolve(&reference, &Http::new().unwrap(), &Environment::default(), deadline).await.unwrap_err();
    assert_eq!(error.to_string(), "there are no AWS credentials in the environment");
}
