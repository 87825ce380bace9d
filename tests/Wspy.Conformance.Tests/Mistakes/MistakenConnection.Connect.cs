using System.Security.Cryptography;

namespace Wspy.Conformance.Tests.Mistakes;

// The opening handshake of a client.
internal sealed partial class MistakenConnection
{
    /// <summary>More 1xx replies than that are a server that never comes to the point.</summary>
    private const int MostInterim = 8;

    /// <summary>Opens a WebSocket on a connection to a server, and sends every message back.</summary>
    public async Task RunAsync(string host, string target)
    {
        string key = Key();
        await WriteAsync(Request(host, target, key));
        if (Has(Mistake.SendsAFrameBeforeTheReply))
        {
            await SendAsync(Text, "early"u8.ToArray());
        }

        if (await ReplyAsync() is { } reply && IsAccepted(reply, key))
        {
            await EchoAsync();
        }
        else if (Has(Mistake.KeepsTcpOpenAfterARefusal))
        {
            await Task.Delay(Stuck, stopping);
        }
        else if (Has(Mistake.SendsCloseAfterARefusal))
        {
            await SendAsync(Close, WithCode(1002));
            await EndAsync();
        }
    }

    private string Key() => peer.Mistake switch
    {
        Mistake.SendsNoKey => "",
        Mistake.SendsAShortKey => Convert.ToBase64String(RandomNumberGenerator.GetBytes(12)),
        Mistake.SendsAKeyOfOtherLetters => $"-_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(16))[2..]}",
        Mistake.SendsTheSameKeyEachTime => "dGhlIHNhbXBsZSBub25jZQ==",
        Mistake.SendsAKeyOfZeros => Convert.ToBase64String(new byte[16]),
        _ => Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)),
    };

    private string Request(string host, string target, string key)
    {
        string[] lines =
        [
            $"{(Has(Mistake.SendsPost) ? "POST" : "GET")} {target}{(Has(Mistake.SendsTheFragmentOfItsUrl) ? "&x=#top" : "")} HTTP/1.{(Has(Mistake.SendsHttp10) ? 0 : 1)}",
            .. Unless(Mistake.SendsNoHost, $"Host: {(Has(Mistake.SendsNoPort) ? host.Split(':')[0] : host)}"),
            .. Only(Mistake.SendsHostTwice, $"Host: {host}"),
            .. Unless(Mistake.SendsNoUpgrade, "Upgrade: websocket"),
            .. Unless(Mistake.SendsNoConnection, "Connection: Upgrade"),
            .. Unless(Mistake.SendsNoVersion, $"Sec-WebSocket-Version: {(Has(Mistake.SendsVersion8) ? 8 : 13)}"),
            .. Unless(Mistake.SendsNoKey, $"Sec-WebSocket-Key: {key}"),
            .. Only(Mistake.AnnouncesABody, "Content-Length: 0"),
            .. Only(Mistake.SendsASubprotocolTwice, "Sec-WebSocket-Protocol: chat, chat"),
            .. Only(Mistake.SendsAnExtensionThatIsNoToken, "Sec-WebSocket-Extensions: x(y)"),
            .. Only(Mistake.SendsAnAcceptValue, $"Sec-WebSocket-Accept: {Accept(key)}"),
        ];
        string lineEnd = Has(Mistake.SendsBareLineFeeds) ? "\n" : "\r\n";
        string colon = Has(Mistake.SendsWhitespaceBeforeColons) ? " : " : ": ";
        return $"{string.Join(lineEnd, lines).Replace(": ", colon, StringComparison.Ordinal)}{lineEnd}{lineEnd}";
    }

    private string[] Unless(Mistake one, string line) => Has(one) ? [] : [line];

    private string[] Only(Mistake one, string line) => Has(one) ? [line] : [];

    /// <summary>The final reply, or <see langword="null"/> if none comes that is HTTP.</summary>
    private async Task<HttpResponseHead?> ReplyAsync()
    {
        for (int interim = 0; interim <= MostInterim; interim++)
        {
            HttpHeadParser parser = Parser(HttpHeadKind.Response);
            if (await HeadAsync(parser) != HttpHeadStatus.Complete)
            {
                return null;
            }

            if (parser.Response!.StatusCode is not (>= 100 and < 200 and not 101) || Has(Mistake.RefusesInterimReplies))
            {
                return parser.Response;
            }
        }

        return null;
    }

    /// <summary>What RFC 6455 §4.1 lists; nothing was offered, and so nothing may be chosen.</summary>
    private bool IsAccepted(HttpResponseHead reply, string key) =>
        (reply.StatusCode == 101 || Has(Mistake.AcceptsAnyStatus))
        && (reply.Version >= 1 || Has(Mistake.AcceptsHttp10Replies))
        && IsUpgrade(reply.Headers)
        && IsConnection(reply.Headers)
        && IsAccept(reply.Headers, Accept(key))
        && (Count(reply.Headers, "Sec-WebSocket-Extensions") == 0 || Has(Mistake.AcceptsUnofferedExtensions))
        && (Count(reply.Headers, "Sec-WebSocket-Protocol") == 0 || Has(Mistake.AcceptsUnofferedSubprotocols));

    private bool IsUpgrade(HttpReceivedHeaders headers) => headers.GetValues("Upgrade") switch
    {
        [] => Has(Mistake.AcceptsRepliesWithoutUpgrade),
        [var one] => one.Equals("websocket", Has(Mistake.ComparesUpgradeByCase) ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase) || Has(Mistake.AcceptsAnyUpgrade),
        _ => Has(Mistake.AcceptsAnyUpgrade),
    };

    private bool IsConnection(HttpReceivedHeaders headers) =>
        (Has(Mistake.ComparesConnectionAsAWhole) ? headers["Connection"] == "Upgrade" : HasToken(headers, "Connection", "Upgrade", byCase: false))
        || (Has(Mistake.AcceptsRepliesWithoutConnection) && Count(headers, "Connection") == 0)
        || (Has(Mistake.AcceptsAnyConnection) && Count(headers, "Connection") > 0);

    private bool IsAccept(HttpReceivedHeaders headers, string expected) => headers.GetValues("Sec-WebSocket-Accept") switch
    {
        [] => Has(Mistake.AcceptsRepliesWithoutAcceptValue),
        _ when Has(Mistake.AcceptsAnyAcceptValue) => true,
        [var one] => one == expected
            || (Has(Mistake.ComparesTheAcceptValueWithoutCase) && one.Equals(expected, StringComparison.OrdinalIgnoreCase))
            || (Has(Mistake.ComparesTheBeginningOfTheAcceptValue) && one.StartsWith(expected, StringComparison.Ordinal)),
        [var first, ..] => Has(Mistake.LooksAtTheFirstAcceptValueOnly) && first == expected,
    };
}
