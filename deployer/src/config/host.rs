//! Names of Amazon OpenSearch Service in host names: pure text, no look-up.

/// The letters and digits that AWS puts behind a domain's name.
const HASH_LENGTH: usize = 26;

/// The host of an endpoint, which may lack the scheme: without user, port and path.
pub fn host_of(endpoint: &str) -> &str {
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match (host.starts_with('['), host.find(']')) {
        (true, Some(end)) => &host[..=end],
        _ => host.split(':').next().unwrap_or(host),
    }
}

/// The service part of an AWS search host: (what stands before, region, `es` or `aoss`).
fn split(host: &str) -> Option<(&str, &str, &str)> {
    let rest = host.strip_suffix(".cn").unwrap_or(host).strip_suffix(".amazonaws.com")?;
    let (rest, service) = rest.rsplit_once('.').filter(|(_, service)| matches!(*service, "es" | "aoss"))?;
    let (name, region) = rest.rsplit_once('.')?;
    (!name.is_empty() && !region.is_empty()).then_some((name, region, service))
}

/// The domain's name in the host of a domain's own endpoint, such as
/// `vpc-NAME-HASH.REGION.es.amazonaws.com`; none for other hosts.
pub fn domain_from_host(host: &str) -> Option<String> {
    let host = host.to_ascii_lowercase();
    let (name, _, _) = split(&host).filter(|(_, _, service)| *service == "es")?;
    let name = name.strip_prefix("vpc-").or_else(|| name.strip_prefix("search-")).unwrap_or(name);
    let is_hash = |text: &str| text.len() == HASH_LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric());
    let name = name.rsplit_once('-').filter(|(_, hash)| is_hash(hash)).map_or(name, |(name, _)| name);
    Some(name.to_owned())
}

/// Whether the host is a domain's that only its VPC reaches.
pub fn is_in_vpc(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    split(&host).is_some_and(|(name, _, service)| service == "es" && name.starts_with("vpc-"))
}

/// The region in the host of an OpenSearch domain or a serverless collection; none for other hosts.
pub fn region_from_host(host: &str) -> Option<String> {
    split(&host.to_ascii_lowercase()).map(|(_, region, _)| region.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_and_region_are_read_off_the_endpoint() {
        for (endpoint, host, domain, region) in [
            (
                "https://vpc-logs-x-abcdefghijklmnopqrstuvwx12.ap-northeast-1.es.amazonaws.com/",
                "vpc-logs-x-abcdefghijklmnopqrstuvwx12.ap-northeast-1.es.amazonaws.com",
                Some("logs-x"),
                Some("ap-northeast-1"),
            ),
            (
                "vpc-logs-x.ap-northeast-1.es.amazonaws.com",
                "vpc-logs-x.ap-northeast-1.es.amazonaws.com",
                Some("logs-x"),
                Some("ap-northeast-1"),
            ),
            (
                "search-a-abcdefghijklmnopqrstuvwxyz.cn-north-1.es.amazonaws.com.cn:443",
                "search-a-abcdefghijklmnopqrstuvwxyz.cn-north-1.es.amazonaws.com.cn",
                Some("a"),
                Some("cn-north-1"),
            ),
            (
                "https://Search-Logs.us-gov-west-1.ES.amazonaws.com",
                "Search-Logs.us-gov-west-1.ES.amazonaws.com",
                Some("logs"),
                Some("us-gov-west-1"),
            ),
            (
                "abc123.eu-west-1.aoss.amazonaws.com",
                "abc123.eu-west-1.aoss.amazonaws.com",
                None,
                Some("eu-west-1"),
            ),
            ("https://logs.example.com:9200/es", "logs.example.com", None, None),
            ("http://127.0.0.1:9200", "127.0.0.1", None, None),
            ("http://[::1]:9200/x", "[::1]", None, None),
            ("https://user:word@host/", "host", None, None),
            ("es.amazonaws.com", "es.amazonaws.com", None, None),
            (
                "https://vpc-x.es.amazonaws.com.evil.example",
                "vpc-x.es.amazonaws.com.evil.example",
                None,
                None,
            ),
        ] {
            assert_eq!(host_of(endpoint), host);
            assert_eq!(domain_from_host(host).as_deref(), domain, "{host}");
            assert_eq!(region_from_host(host).as_deref(), region, "{host}");
        }
    }
}
