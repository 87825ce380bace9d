using System.Text;

namespace Wspy.Handshake;

/// <content>What is answered to a request that is refused.</content>
public sealed partial class ServerHandshake
{
    private static HttpResponse CreateUpgradeRequired(string text)
    {
        // RFC 9110 §7.8: who sends Upgrade names it in Connection as well.
        HttpResponse response = HttpResponse.Text(426, text);
        response.Headers.Add("Upgrade", "websocket");
        response.Headers.Add("Connection", "Upgrade");
        response.Headers.Add("Sec-WebSocket-Version", "13");
        return response;
    }

    private ServerHandshakeStatus RefuseHead(HttpViolation violation) =>
        Refuse(violation.GetStatusCode(), HandshakeViolation.InvalidHead, HandshakeRules.Describe(violation, "request", _options.MaxHeadSize, _options.MaxHeaderCount), violation);

    private ServerHandshakeStatus Refuse(
        int status, HandshakeViolation reason, string message, HttpViolation headViolation = HttpViolation.None)
    {
        HttpResponse response = status == 426 ? CreateUpgradeRequired(message + "\n") : HttpResponse.Text(status, message + "\n");
        if (status == 405)
        {
            response.Headers.Add("Allow", "GET"); // RFC 9110 §15.5.6 demands it
            if (Request!.MethodBytes.SequenceEqual("HEAD"u8))
            {
                response.Body = default; // RFC 9110 §9.3.2: no answer to HEAD has a body
            }
        }

        Refusal = new HandshakeRefusal(reason, message, response, headViolation);
        return ServerHandshakeStatus.Refused;
    }
}
