//! The one question to EC2, signed by hand: the SDK's crate for it takes more memory to compile than most machines have.

use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime};

use aws_sdk_lambda::config::ProvideCredentials;
use roxmltree::{Document, Node};
use tanets_function::http::{Answer, Http, parse_url, post_json};
use tanets_function::sigv4::sign;

use super::error::{reason, without_echo};
use super::{Aws, Error, endpoint};

const SERVICE: &str = "EC2";
const ACTION: &str = "ec2:DescribeNetworkInterfaces";
const OPERATION: &str = "DescribeNetworkInterfaces";
const FORM: &str = "application/x-www-form-urlencoded";
/// One answer may take this long.
const LIMIT: Duration = Duration::from_secs(30);

/// A network interface of Lambda: there is one for each pair of a subnet and a set of security groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkInterface {
    /// The id of its subnet.
    pub subnet: String,
    /// The ids of its security groups.
    pub security_groups: BTreeSet<String>,
}

/// The network interfaces that Lambda still has in the VPC for a function. It names them
/// `AWS Lambda VPC ENI-FUNCTION-UUID`, and removes them minutes after the function, with the function's role.
///
/// # Errors
/// If EC2 refuses or can't be asked.
pub async fn of_function(aws: &Aws, function: &str) -> Result<Vec<NetworkInterface>, Error> {
    let filter =
        format!("Filter.1.Name=description&Filter.1.Value.1=AWS%20Lambda%20VPC%20ENI-{function}-%2A");
    let answer = ask(aws, &filter).await?;
    let text = String::from_utf8_lossy(&answer.body);
    let document = Document::parse(&text);
    let part = |name| texts(document.as_ref().ok()?.root(), name).next();
    match &document {
        Ok(document) if answer.status.is_success() => Ok(interfaces(document)),
        _ => Err(Error {
            action: ACTION,
            code: part("Code").or_else(|| Some(answer.status.as_u16().to_string())),
            message: part("Message").map_or_else(|| "(no message)".to_owned(), |text| without_echo(&text)),
            request_id: part("RequestID"),
        }),
    }
}

/// EC2's answer, whatever its status, told to the log as the SDK's calls are.
async fn ask(aws: &Aws, filter: &str) -> Result<Answer, Error> {
    let failed =
        |error: &dyn std::error::Error| Error { message: reason(error), ..Error::without_answer(ACTION) };
    let suffix = if aws.region.starts_with("cn-") { ".cn" } else { "" };
    let url = endpoint::of(&aws.sdk, SERVICE)
        .unwrap_or_else(|| format!("https://ec2.{}.amazonaws.com{suffix}", aws.region));
    let body = format!("Action={OPERATION}&Version=2016-11-15&{filter}");
    let mut request = post_json(parse_url(&url).map_err(|error| failed(&error))?, FORM, body);
    let provider = aws.sdk.credentials_provider();
    let provider = provider.ok_or_else(|| failed(&super::NoRegion))?;
    let credentials = provider.provide_credentials().await.map_err(|error| failed(&error))?;
    sign(&mut request, &credentials, &aws.region, "ec2", SystemTime::now())
        .map_err(|error| failed(&error))?;
    let http = Http::new().map_err(|error| failed(&error))?;
    let begun = Instant::now();
    let answer = http.exchange(request, LIMIT).await;
    if let Some(log) = &aws.call_log {
        log.tell(SERVICE, OPERATION, answer.as_ref().ok().map(|answer| answer.status.as_u16()), begun);
    }
    answer.map_err(|error| failed(&error))
}

/// An answer's interfaces.
fn interfaces(document: &Document<'_>) -> Vec<NetworkInterface> {
    let ids = document.descendants().filter(|node| node.has_tag_name("networkInterfaceId"));
    let interface = |node| NetworkInterface {
        subnet: texts(node, "subnetId").next().unwrap_or_default(),
        security_groups: texts(node, "groupId").collect(),
    };
    ids.filter_map(|id| id.parent_element()).map(interface).collect()
}

/// The texts of the elements of a name below a node.
fn texts<'a>(node: Node<'a, 'a>, name: &'a str) -> impl Iterator<Item = String> + 'a {
    let elements = node.descendants().filter(move |node| node.has_tag_name(name));
    elements.filter_map(|element| element.text()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_with_each_interface_s_subnet_and_groups() {
        let interface = |id: &str, subnet: &str, groups: &[&str]| {
            let groups = groups.iter().map(|group| {
                format!("<item><groupId>{group}</groupId><groupName>default</groupName></item>")
            });
            format!(
                "<item><networkInterfaceId>{id}</networkInterfaceId><subnetId>{subnet}</subnetId><vpcId>vpc-1</vpcId>\
                 <description>AWS Lambda VPC ENI-digest-1</description><groupSet>{}</groupSet>\
                 <attachment><attachmentId>ela-attach-1</attachmentId></attachment></item>",
                String::from_iter(groups)
            )
        };
        let text = format!(
            "<DescribeNetworkInterfacesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><networkInterfaceSet>{}{}\
             </networkInterfaceSet></DescribeNetworkInterfacesResponse>",
            interface("eni-1", "subnet-1", &["sg-1", "sg-2"]),
            interface("eni-2", "subnet-2", &[]),
        );
        let groups = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let expected = [
            NetworkInterface { subnet: "subnet-1".to_owned(), security_groups: groups(&["sg-1", "sg-2"]) },
            NetworkInterface { subnet: "subnet-2".to_owned(), security_groups: groups(&[]) },
        ];
        assert_eq!(interfaces(&Document::parse(&text).unwrap()), expected);
        assert_eq!(interfaces(&Document::parse("<networkInterfaceSet/>").unwrap()), []);
    }
}
