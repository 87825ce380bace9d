using System.Net;
using CsCheck;
using Wspy.Handshake;
using Wspy.Tests.ClientTests;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.Connections;

/// <summary>A client's cookies (RFC 6265).</summary>
public class ClientCookieTests
{
    public static TheoryData<ClientKind> Kinds => ClientKinds.All;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_answer_of_the_opening_can_set_cookies_and_the_next_request_has_them(ClientKind kind)
    {
        await using var server = new ScriptedServer(head => head.Split(' ')[1] switch
        {
            "/" when head.Contains("Authorization", StringComparison.Ordinal) => "HTTP/1.1 302 Go\r\nLocation: /room/1\r\nSet-Cookie: moved=2; Path=/room; HttpOnly\r\nContent-Length: 0\r\n\r\n",
            "/" => "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=x\r\nSet-Cookie: asked=1; SameSite=Strict\r\nSet-Cookie: ;;=malformed,;\r\nSet-Cookie: other=x; Domain=elsewhere.example\r\nContent-Length: 0\r\n\r\n",
            _ => ScriptedServer.Upgrade + "Set-Cookie: open=3; Path=/\r\nSet-Cookie: asked=; Path=/; Max-Age=0\r\n\r\n",
        });
        var cookies = new CookieContainer();
        cookies.Add(new Uri(server.Url.Replace("ws:", "http:", StringComparison.Ordinal)), new Cookie("secure", "only", "/") { Secure = true });
        var options = new ClientOptions { Cookies = cookies, Credentials = new NetworkCredential("g", "right") };
        await using AnyClient client = await AnyClient.ConnectAsync(kind, server.Url, options);
        Assert.Equal(["", "asked=1", "moved=2; asked=1"], server.Requests.Select(Cookies));

        // The next connection, behind what is set by hand, in one line.
        await using AnyClient next = await AnyClient.ConnectAsync(kind, $"{server.Url}room/2", options with { Headers = new HttpHeaders { { "Cookie", "hand=made" }, { "cookie", "more=x" } } });
        Assert.Equal("hand=made; more=x; moved=2; open=3", Cookies(server.Requests.Last()));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Secure_cookies_go_with_wss(ClientKind kind)
    {
        string? received = null;
        await using var server = new TestServer(ServerEngine.Portable, new ServerOptions { Tls = Link.ServerTls, OnUpgrade = request => { received = request.Headers["Cookie"]; return null; } });
        var cookies = new CookieContainer();
        cookies.Add(new Uri("https://localhost/"), new Cookie("secure", "x") { Secure = true });
        await using AnyClient client = await AnyClient.ConnectAsync(kind, $"wss://localhost:{server.EndPoint.Port}/", new ClientOptions { Tls = Link.TrustingTls, Cookies = cookies });
        Assert.Equal("secure=x", received);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_redirect_to_itself_with_a_new_cookie_is_no_circle_and_yet_has_an_end(ClientKind kind)
    {
        int count = 0;
        await using var once = new ScriptedServer(head => Cookies(head).Length > 0 ? ScriptedServer.Upgrade + "\r\n" : "HTTP/1.1 307 Go\r\nLocation: /\r\nSet-Cookie: seen=1\r\nContent-Length: 0\r\n\r\n");
        await using (await AnyClient.ConnectAsync(kind, once.Url, new ClientOptions { Cookies = new CookieContainer() }))
        {
            Assert.Equal(2, once.Requests.Count);
        }

        await using var forever = new ScriptedServer(_ => $"HTTP/1.1 307 Go\r\nLocation: /\r\nSet-Cookie: seen={++count}\r\nContent-Length: 0\r\n\r\n");
        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => AnyClient.ConnectAsync(kind, forever.Url, new ClientOptions { Cookies = new CookieContainer() }));
        Assert.Equal((HandshakeViolation.TooManyRedirects, 6), (refused.Reason, forever.Requests.Count));
    }

    [Fact]
    public void Any_Set_Cookie_can_come_and_nothing_throws()
    {
        string[] parts = ["a", "=", ";", ",", " ", "\"", "Expires=", "Thu, 01 Jan 1970 00:00:00 GMT", "Max-Age=", "99999999999999", "-1", "Domain=", ".localhost", "Path=", "/", "Secure", "Version=1", "Port=\"80\"", "$x", "\u00FF", "\t"];
        Gen.Int[0, parts.Length - 1].Array[0, 25].Sample(indexes =>
        {
            var cookies = new CookieContainer();
            ClientCookies.Store(cookies, new Uri("ws://localhost/"), Http.Heads.Response($"HTTP/1.1 101 Ok\r\nSet-Cookie: {string.Concat(indexes.Select(index => parts[index]))}\r\n\r\n").Headers);
            string sent = ClientCookies.Get(cookies, new Uri("ws://localhost/"));
            Assert.DoesNotContain('\n', sent);
        });
    }

    private static string Cookies(string head) => string.Join("|", head.Split("\r\n").Where(line => line.StartsWith("Cookie: ", StringComparison.OrdinalIgnoreCase)).Select(line => line["Cookie: ".Length..]));
}
