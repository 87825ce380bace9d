using System.Buffers;
using Wspy.Extensions;
using Wspy.Handshake;
using Wspy.Tests.Extensions;
using Wspy.Tests.Http;

namespace Wspy.Tests.Handshake;

/// <summary>Extensions in the opening handshake of both roles (RFC 6455 §4.1, §4.2.2, §9.1).</summary>
public class ExtensionNegotiationTests
{
    [Fact]
    public void A_server_answers_with_what_it_accepts_and_has_the_instances_RFC6455_4_2_2()
    {
        var options = new ServerHandshakeOptions { Extensions = [new DeflateMessage(), new TestExtension("b")] };
        ServerHandshake handshake = Handshakes.Receive(
            Handshakes.Request("Sec-WebSocket-Extensions: x-unknown, permessage-deflate; server_max_window_bits=10", "Sec-WebSocket-Extensions: b"), options);

        string response = Handshakes.Written(output => handshake.Accept(output));

        Assert.Contains("\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10, b\r\n", response, StringComparison.Ordinal);
        Assert.Equal(["permessage-deflate", "b"], handshake.AcceptedExtensions.Select(offer => offer.Name));
        Assert.Equal(["permessage-deflate", "b"], handshake.ExtensionInstances.Select(instance => instance.Extension.Name));
    }

    [Theory]
    [InlineData("Sec-WebSocket-Extensions: x-unknown")]
    [InlineData("Sec-WebSocket-Extensions: permessage-deflate; unknown=1")]
    [InlineData("X-Other: 1")]
    public void A_server_that_accepts_none_sends_no_header_RFC6455_9_1(string line)
    {
        ServerHandshake handshake = Handshakes.Receive(Handshakes.Request(line), new ServerHandshakeOptions { Extensions = [new DeflateMessage()] });

        Assert.DoesNotContain("Extensions", Handshakes.Written(output => handshake.Accept(output)), StringComparison.Ordinal);
        Assert.Empty(handshake.AcceptedExtensions);
        Assert.Empty(handshake.ExtensionInstances);
    }

    [Fact]
    public void A_client_offers_all_its_extensions_RFC6455_4_1() => Assert.Contains(
        "\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, b; first, b\r\n",
        Handshakes.Written(Create(new DeflateMessage(), new TestExtension("b")).WriteRequest),
        StringComparison.Ordinal);

    [Fact]
    public void A_client_without_extensions_sends_no_header() =>
        Assert.DoesNotContain("Extensions", Handshakes.Written(Create().WriteRequest), StringComparison.Ordinal);

    [Theory]
    [InlineData("permessage-deflate; client_max_window_bits=9", HandshakeViolation.None)]
    [InlineData("permessage-deflate, b", HandshakeViolation.None)]
    [InlineData("c", HandshakeViolation.UnofferedExtension)]
    [InlineData("permessage-deflate; server_max_window_bits=07", HandshakeViolation.UnacceptableExtension)]
    [InlineData("permessage-deflate; unknown", HandshakeViolation.UnacceptableExtension)]
    [InlineData("permessage-deflate, permessage-deflate", HandshakeViolation.UnacceptableExtension)]
    [InlineData("b; =", HandshakeViolation.InvalidExtensions)]
    public void A_client_judges_the_answer_RFC6455_4_1(string answer, HandshakeViolation expected)
    {
        ClientHandshake handshake = Create(new DeflateMessage(), new TestExtension("b"));
        ReadOnlySpan<byte> input = Splits.Latin1(Handshakes.Response("Sec-WebSocket-Extensions: " + answer));
        ClientHandshakeStatus status = handshake.Receive(ref input);

        Assert.Equal(expected, handshake.Failure?.Reason ?? HandshakeViolation.None);
        Assert.Equal(expected == HandshakeViolation.None ? ClientHandshakeStatus.Accepted : ClientHandshakeStatus.Failed, status);
        Assert.Equal(expected == HandshakeViolation.None ? answer : "", ExtensionHeader.Format(handshake.AcceptedExtensions));
        Assert.Equal(handshake.AcceptedExtensions.Count, handshake.ExtensionInstances.Count);
    }

    [Fact]
    public void A_list_of_extensions_is_judged_when_it_is_set()
    {
        var extension = new DeflateMessage();

        Assert.Throws<ArgumentException>("Extensions", () => new ServerHandshakeOptions { Extensions = [extension, extension] });
        Assert.Throws<ArgumentException>("Extensions", () => new ClientHandshakeOptions { Extensions = [null!] });
        Assert.Throws<ArgumentNullException>("Extensions", () => new ClientHandshakeOptions { Extensions = null! });
    }

    private static ClientHandshake Create(params Extension[] extensions) =>
        new(new Uri("ws://example.com/chat"), new ClientHandshakeOptions { Extensions = extensions }, Handshakes.Key);
}
