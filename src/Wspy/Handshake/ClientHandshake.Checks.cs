using System.Text;
using Wspy.Extensions;

namespace Wspy.Handshake;

/// <content>The checks of a response (RFC 6455 §4.1), in the order of the RFC.</content>
public sealed partial class ClientHandshake
{
    private ClientHandshakeStatus Judge(HttpResponseHead response)
    {
        HttpReceivedHeaders headers = response.Headers;

        // RFC 6455 §4.1 (1): anything but 101 is for the caller to handle by HTTP.
        if (response.StatusCode != 101)
        {
            return Fail(HandshakeViolation.UnexpectedStatus, $"The server answered with status {response.StatusCode}, not 101 (RFC 6455 §4.1).");
        }

        if (response.Version == 0)
        {
            return Fail(HandshakeViolation.HttpVersionTooLow, "The server switched protocols in HTTP/1.0, which cannot (RFC 9110 §7.8).");
        }

        // RFC 9112 §6.1, RFC 9110 §8.6: neither header may be in a 1xx response.
        if (HttpFraming.HasBody(headers))
        {
            return Fail(HandshakeViolation.UnexpectedBody, "The response that switches protocols announces a body (RFC 9110 §8.6).");
        }

        // §4.1 (2): the value is websocket, not a list with it.
        if (HandshakeRules.MatchUpgrade(headers) != TokenMatch.Only)
        {
            return Fail(HandshakeViolation.InvalidUpgrade, "The Upgrade header of the response is not websocket (RFC 6455 §4.1).");
        }

        // §4.1 (3)
        if (HandshakeRules.MatchConnection(headers) is not (TokenMatch.Only or TokenMatch.Among))
        {
            return Fail(HandshakeViolation.InvalidConnection, "The Connection header of the response has no Upgrade (RFC 6455 §4.1).");
        }

        return JudgeAccept(headers);
    }

    private ClientHandshakeStatus JudgeAccept(HttpReceivedHeaders headers)
    {
        int accept = headers.IndexOfSingle("Sec-WebSocket-Accept"u8);
        if (accept == HttpReceivedHeaders.Repeated)
        {
            return Fail(HandshakeViolation.RepeatedHeader, "There is more than one Sec-WebSocket-Accept header (RFC 6455 §11.3.3).");
        }

        // §4.1 (4)
        Span<byte> expected = stackalloc byte[HandshakeKey.AcceptLength];
        HandshakeKey.ComputeAccept(Encoding.ASCII.GetBytes(_key), expected);
        if (accept < 0 || !headers.Value(accept).SequenceEqual(expected))
        {
            return Fail(HandshakeViolation.InvalidAccept, "Sec-WebSocket-Accept is not the answer to the key that was sent (RFC 6455 §4.1).");
        }

        return JudgeNegotiation(headers);
    }

    private ClientHandshakeStatus JudgeNegotiation(HttpReceivedHeaders headers)
    {
        // §4.1 (6), §11.3.4: at most once in a response, and one token.
        int subprotocol = headers.IndexOfSingle("Sec-WebSocket-Protocol"u8);
        if (subprotocol == HttpReceivedHeaders.Repeated)
        {
            return Fail(HandshakeViolation.RepeatedHeader, "There is more than one Sec-WebSocket-Protocol header (RFC 6455 §11.3.4).");
        }

        if (subprotocol < 0)
        {
            return JudgeExtensions(headers);
        }

        if (!HttpGrammar.IsToken(headers.Value(subprotocol)))
        {
            return Fail(HandshakeViolation.InvalidSubprotocol, "Sec-WebSocket-Protocol of the response is not one token (RFC 6455 §4.2.2).");
        }

        string name = Encoding.ASCII.GetString(headers.Value(subprotocol));
        if (!_options.Subprotocols.Contains(name))
        {
            return Fail(HandshakeViolation.UnrequestedSubprotocol, "The server chose a subprotocol that was not asked for (RFC 6455 §4.1).");
        }

        Subprotocol = name;
        return JudgeExtensions(headers);
    }

    private ClientHandshakeStatus JudgeExtensions(HttpReceivedHeaders headers)
    {
        // §4.1 (5), §9.1
        if (!HandshakeRules.TryParseExtensions(headers, out IReadOnlyList<ExtensionOffer> answers))
        {
            return Fail(HandshakeViolation.InvalidExtensions, "Sec-WebSocket-Extensions of the response is malformed (RFC 6455 §9.1).");
        }

        if (ExtensionAgreement.Confirm(answers, _options.Extensions, out ExtensionRefusal refusal) is { } agreement)
        {
            AcceptedExtensions = agreement.Answers;
            ExtensionInstances = agreement.Instances;
            return ClientHandshakeStatus.Accepted;
        }

        Subprotocol = null;
        return refusal switch
        {
            ExtensionRefusal.NotOffered => Fail(HandshakeViolation.UnofferedExtension, "The server chose an extension that was not offered (RFC 6455 §4.1)."),
            ExtensionRefusal.Conflict => Fail(HandshakeViolation.UnacceptableExtension, "The server chose an extension twice, or two that claim the same (RFC 6455 §9.1)."),
            _ => Fail(HandshakeViolation.UnacceptableExtension, "The server chose parameters of an extension that do not fit the offer (RFC 6455 §9.1)."),
        };
    }

    private ClientHandshakeStatus Fail(HandshakeViolation reason, string message, HttpViolation headViolation = HttpViolation.None)
    {
        Failure = new HandshakeFailure(reason, message, headViolation);
        return ClientHandshakeStatus.Failed;
    }
}
