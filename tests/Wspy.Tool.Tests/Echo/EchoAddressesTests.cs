using System.Net;
using Wspy.Tool.Echo;

namespace Wspy.Tool.Tests.Echo;

public class EchoAddressesTests
{
    [Theory]
    [InlineData("127.0.0.1", "http://localhost:8000/", "ws://localhost:8000/")]
    [InlineData("192.0.2.7", "http://192.0.2.7:8000/", "ws://192.0.2.7:8000/")]
    [InlineData("::1", "http://[::1]:8000/", "ws://[::1]:8000/")]
    [InlineData("0.0.0.0", "http://localhost:8000/", "ws://localhost:8000/")]
    public void The_address_is_one_that_a_browser_can_open(string address, string page, string webSocket)
    {
        EchoAddresses addresses = new(new IPEndPoint(IPAddress.Parse(address), 8000), tls: false);

        Assert.Equal(page, addresses.Page);
        Assert.Equal(webSocket, addresses.WebSocket);
    }

    [Fact]
    public void With_a_certificate_the_addresses_are_https_and_wss()
    {
        EchoAddresses addresses = new(new IPEndPoint(IPAddress.Loopback, 1), tls: true);

        Assert.Equal("https://localhost:1/", addresses.Page);
        Assert.Equal("wss://localhost:1/", addresses.WebSocket);
    }

    [Fact]
    public void Other_machines_are_named_an_address_only_when_they_are_let_in()
    {
        Assert.Null(new EchoAddresses(new IPEndPoint(IPAddress.Loopback, 1), tls: false).PageElsewhere);
        Assert.Equal($"http://{Dns.GetHostName()}:1/", new EchoAddresses(new IPEndPoint(IPAddress.Any, 1), tls: false).PageElsewhere);
    }
}
