using System.Text;
using Wspy.Tests.ServerTests;

namespace Wspy.Tests.Handshake.Authentication;

/// <summary>Requests to be judged, without any connection.</summary>
internal static class Attempts
{
    public static AuthenticationAttempt Create(string authorization, string realm = "WebSocket", TimeSpan now = default, string path = "/")
    {
        Assert.True(AuthenticationFields.TryParseCredentials(authorization, out AuthenticationFields? credentials));
        return new AuthenticationAttempt(Request($"Authorization: {authorization}\r\n", path), credentials, realm, now);
    }

    public static HttpRequestHead Request(string headers, string path = "/")
    {
        var parser = new HttpHeadParser(HttpHeadKind.Request);
        ReadOnlySpan<byte> head = Encoding.Latin1.GetBytes(RawClient.Upgrade(headers, path));
        Assert.Equal(HttpHeadStatus.Complete, parser.Receive(ref head));
        return parser.Request!;
    }
}
