using Wspy.Handshake;

namespace Wspy.Tests.Handshake.Proxies;

public class ProxyBypassTests
{
    [Theory]
    [InlineData("*", "anything.example", 80, true)]
    [InlineData("example.com", "example.com", 80, true)]
    [InlineData("example.com", "EXAMPLE.com.", 80, true)]
    [InlineData("example.com", "www.example.com", 80, true)]
    [InlineData("example.com", "badexample.com", 80, false)]
    [InlineData(".example.com", "www.example.com", 80, true)]
    [InlineData(".example.com", "example.com", 80, true)]
    [InlineData("*.example.com", "a.b.example.com", 80, true)]
    [InlineData("example.com:8000", "example.com", 8000, true)]
    [InlineData("example.com:8000", "example.com", 80, false)]
    [InlineData("a, b\tc d", "c", 80, true)]
    [InlineData("a,,b", "c", 80, false)]
    [InlineData("192.0.2.1", "192.0.2.1", 80, true)]
    [InlineData("192.0.2.1:81", "192.0.2.1", 80, false)]
    [InlineData("192.0.2.1", "192.0.2.10", 80, false)]
    [InlineData("2.1", "192.0.2.1", 80, false)]
    [InlineData("10.0.0.0/8", "10.255.0.1", 80, true)]
    [InlineData("10.0.0.0/8", "11.0.0.1", 80, false)]
    [InlineData("10.1.2.3/8", "10.255.0.1", 80, true)]
    [InlineData("10.1.2.3/8", "11.0.0.1", 80, false)]
    [InlineData("192.0.2.77/26", "192.0.2.127", 80, true)]
    [InlineData("192.0.2.77/26", "192.0.2.128", 80, false)]
    [InlineData("192.0.2.77/33", "192.0.2.77", 80, false)]
    [InlineData("192.0.2.77/-1", "192.0.2.77", 80, false)]
    [InlineData("2001:db8::1/32", "2001:db8:7::", 80, true)]
    [InlineData("2001:db8::/32", "2001:db8::7", 80, true)]
    [InlineData("2001:db8::1", "2001:db8::1", 80, true)]
    [InlineData("[2001:db8::1]", "2001:db8::1", 80, true)]
    [InlineData("[2001:db8::1]:81", "2001:db8::1", 81, true)]
    [InlineData("[2001:db8::1]:81", "2001:db8::1", 80, false)]
    [InlineData("10.0.0.1", "::ffff:10.0.0.1", 80, true)]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1", 80, true)]
    [InlineData("10.0.0.0/8", "::ffff:10.0.0.1", 80, true)]
    [InlineData("10.0.0.1", "::ffff:10.0.0.2", 80, false)]
    [InlineData(".", "example.com", 80, false)]
    [InlineData(null, "example.com", 80, false)]
    public void A_list_names_hosts_addresses_networks_and_ports(string? list, string host, int port, bool matches) =>
        Assert.Equal(matches, new ProxyBypass(list).Matches(host, port));

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST.", true)]
    [InlineData("app.localhost", true)]
    [InlineData("notlocalhost", false)]
    [InlineData("localhost.example", false)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.9.9.9", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("128.0.0.1", false)]
    public void This_machine_needs_no_entry(string host, bool matches) => Assert.Equal(matches, new ProxyBypass(null).Matches(host, 80));
}
