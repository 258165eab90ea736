//! The one question to EC2.

use std::collections::BTreeSet;

use roxmltree::{Document, Node};

use super::error::without_echo;
use super::signed::{self, Service};
use super::{Aws, Error};

const EC2: Service = Service { id: "EC2", name: "ec2", target: "" };
const ACTION: &str = "ec2:DescribeNetworkInterfaces";
const OPERATION: &str = "DescribeNetworkInterfaces";
const FORM: &str = "application/x-www-form-urlencoded";

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
    let body = format!("Action={OPERATION}&Version=2016-11-15&{filter}");
    let answer = signed::exchange(aws, &EC2, ACTION, FORM, body).await?;
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
