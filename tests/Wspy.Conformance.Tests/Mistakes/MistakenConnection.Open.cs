namespace Wspy.Conformance.Tests.Mistakes;

// The opening handshake of a server.
internal sealed partial class MistakenConnection
{
    private async Task<bool> OpenAsync()
    {
        bool hold = Has(Mistake.HangsForOthersDuringASlowHead) || Has(Mistake.HangsForOthersDuringASlowFrame);
        if (hold)
        {
            await peer.ForOneAtATime.WaitAsync(stopping);
        }

        try
        {
            while (true)
            {
                if (await RequestAsync() is not { } head)
                {
                    return false;
                }

                if (Refusal(head) is not { } refusal)
                {
                    await AcceptAsync(head);
                    return true;
                }

                await WriteAsync($"HTTP/1.1 {refusal}\r\n{(Has(Mistake.AnswersRequestsAfterARefusal) ? "" : "Connection: close\r\n")}Content-Length: 0\r\n\r\n");
                if (!Has(Mistake.AnswersRequestsAfterARefusal))
                {
                    return false;
                }
            }
        }
        finally
        {
            if (hold)
            {
                peer.ForOneAtATime.Release();
            }
        }
    }

    /// <summary>Reads a request; what is not one is answered here.</summary>
    private async Task<HttpRequestHead?> RequestAsync()
    {
        HttpHeadParser parser = Parser(HttpHeadKind.Request);
        HttpHeadStatus status = await HeadAsync(parser);
        if (status == HttpHeadStatus.Complete)
        {
            return parser.Request;
        }

        if (status == HttpHeadStatus.Invalid || Has(Mistake.ReadsTheHeadWithOneRead))
        {
            await WriteAsync($"HTTP/1.1 {(parser.Violation is HttpViolation.HeadTooLarge or HttpViolation.TooManyHeaders ? "431 Request Header Fields Too Large" : "400 Bad Request")}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        }

        return null;
    }

    /// <summary>The status with which a request is refused (RFC 6455 §4.2.1), or <see langword="null"/>.</summary>
    private string? Refusal(HttpRequestHead head)
    {
        const string BadRequest = "400 Bad Request";
        HttpReceivedHeaders headers = head.Headers;
        if (head.Method != "GET" && !Has(Mistake.AcceptsAnyMethod))
        {
            return "405 Method Not Allowed\r\nAllow: GET";
        }

        if (head.Version < 1 && !Has(Mistake.AcceptsHttp10))
        {
            return BadRequest;
        }

        if (Count(headers, "Host") != 1 && !(Has(Mistake.AcceptsAMissingHost) && Count(headers, "Host") == 0))
        {
            return BadRequest;
        }

        if (!HasToken(headers, "Upgrade", "websocket", Has(Mistake.ComparesUpgradeByCase)) && !(Has(Mistake.AcceptsAMissingUpgrade) && headers["Upgrade"] is null))
        {
            return "426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade";
        }

        bool upgrade = Has(Mistake.ComparesConnectionAsAWhole) ? headers["Connection"] == "Upgrade" : HasToken(headers, "Connection", "upgrade", byCase: false);
        if (!upgrade && !(Has(Mistake.AcceptsAMissingConnection) && headers["Connection"] is null))
        {
            return BadRequest;
        }

        string version = headers["Sec-WebSocket-Version"] ?? "";
        if (version != "13" && !(Has(Mistake.AcceptsVersion8) && version == "8") && !(Has(Mistake.AcceptsAMissingVersion) && version.Length == 0))
        {
            return $"426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade{(Has(Mistake.DoesNotTellTheVersion) ? "" : "\r\nSec-WebSocket-Version: 13")}";
        }

        return IsKey(headers) && Count(headers, "Sec-WebSocket-Version") <= 1 && IsList(headers, "Sec-WebSocket-Protocol") && IsList(headers, "Sec-WebSocket-Extensions") ? null : BadRequest;
    }

    private bool IsKey(HttpReceivedHeaders headers)
    {
        string key = First(headers, "Sec-WebSocket-Key");
        byte[] bytes = new byte[64];
        bool valid = Convert.TryFromBase64String(key, bytes, out int size) && size == 16 && key.Length == 24;
        return (valid || (Has(Mistake.AcceptsAMissingKey) && key.Length == 0) || (Has(Mistake.AcceptsAShortKey) && key.Length is > 0 and < 24))
            && (Count(headers, "Sec-WebSocket-Key") <= 1 || Has(Mistake.AcceptsTwoKeys));
    }

    private Task AcceptAsync(HttpRequestHead head)
    {
        string key = First(head.Headers, "Sec-WebSocket-Key");
        string accept = Accept(Has(Mistake.ComputesTheAcceptValueOfLowerCaseKeys) ? key.ToLowerInvariant() : key);
        string extension = Has(Mistake.AnswersWithAnExtensionThatWasNotOffered) ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "";
        string subprotocol = Has(Mistake.AnswersWithASubprotocolThatWasNotOffered) ? "Sec-WebSocket-Protocol: chat\r\n" : "";
        return WriteAsync($"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{extension}{subprotocol}\r\n");
    }

    /// <summary>Whether each element of a list begins with a token (RFC 9110 §5.6.2), and there is one.</summary>
    private static bool IsList(HttpReceivedHeaders headers, string name)
    {
        string[] elements = [.. headers.GetValues(name).SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries)).Where(element => element.Length > 0)];
        return Count(headers, name) == 0
            || (elements.Length > 0 && elements.All(element => element.Split(';')[0].Trim() is { Length: > 0 } token && token.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c))));
    }
}
