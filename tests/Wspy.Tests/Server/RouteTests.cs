using Wspy.Extensions;
using Wspy.Handshake;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>Routes of a server on the wire: who serves which path, under which options, and what all others get.</summary>
public abstract class RouteTests(ServerEngine engine)
{
    [Fact]
    public async Task Each_route_has_its_own_handlers_and_parameters()
    {
        await using WebSocketServer server = Start(site =>
        {
            site.Map("/echo", (client, message) => client.Send(message));
            site.Map("/room/{id}", new Room());
            site.Map("/files/*", RouteHandler.Create(onOpen: client => client.Send(client.Parameters["*"])));
            site.Map("/later/{name}", RouteHandler.Create(onMessageAsync: async (client, message) =>
            {
                await Task.Yield();
                await client.SendAsync($"{client.Parameters["name"]} {message}");
            }));
            site.Map("/own");
        });
        Assert.Equal("hello", Talk(server, "/echo", "hello"));
        Assert.Equal("a b said hello", Talk(server, "/room/a%20b", "hello"));
        Assert.Equal("x/y z/", Talk(server, "/files/x/y%20z/"));
        Assert.StartsWith("é ", Talk(server, "/later/%C3%A9", "hello"), StringComparison.Ordinal);
        Assert.Equal("server hello", Talk(server, "/own", "hello"));
    }

    [Fact]
    public async Task A_handler_is_told_the_life_of_its_clients()
    {
        var told = new Told();
        await using WebSocketServer server = Start(site => site.Map("/{name}", told));
        using (var client = new RawClient(server.EndPoint))
        {
            client.Send(RawClient.Upgrade("", "/ada"));
            await client.ReadHeadAsync();

            // A ping, a pong, and a text that is no UTF-8.
            client.Send([0x89, 0x81, 0, 0, 0, 0, 1, 0x8A, 0x81, 0, 0, 0, 0, 2, 0x81, 0x81, 0, 0, 0, 0, 0xFF]);
            await client.ReadToEndAsync();
        }

        Assert.Equal("open ada, ping 1, pong 2, error ProtocolException, close 1007", string.Join(", ", await told.Ended.Task.WaitAsync(Link.Limit)));
    }

    [Fact]
    public async Task Each_route_has_its_own_options()
    {
        await using WebSocketServer server = Start(
            site =>
            {
                site.Map("/small", (client, message) => client.Send(message), options => options with { MaxMessageSize = 4, Subprotocols = ["tiny"] });
                site.Map("/open", (client, message) => client.Send(message), options => options with { AllowedOrigins = ["https://a.example"], RequireOrigin = true });
                site.Map("/secret", (client, message) => client.Send(client.User!.Identity!.Name!), options => options with
                {
                    Authentication = new ServerAuthentication { Schemes = [new BasicScheme(new Dictionary<string, string> { ["g"] = "right" })] },
                });
                site.Map("/plain", (client, message) => client.Send(message));
            },
            new ServerOptions { Subprotocols = ["v1"] });
        using (Connection small = Connect(server, "/small", new ClientOptions { Subprotocols = ["v1", "tiny"] }))
        {
            Assert.Equal("tiny", small.Subprotocol);
            small.Send("12345");
            Assert.Equal(CloseCode.MessageTooBig, Assert.Throws<ConnectionClosedException>(() => small.Receive(Link.Limit)).CloseInfo.Code);
        }

        using (Connection plain = Connect(server, "/plain", new ClientOptions { Subprotocols = ["v1", "tiny"] }))
        {
            Assert.Equal("v1", plain.Subprotocol);
            plain.Send("12345");
            Assert.Equal("12345", ((TextMessage)plain.Receive(Link.Limit)).Text);
        }

        Assert.StartsWith("HTTP/1.1 403 ", await AskAsync(server, RawClient.Upgrade("", "/open")), StringComparison.Ordinal);
        Assert.Equal("x", Talk(server, "/open", "x", new ClientOptions { Origin = "https://a.example" }));
        Assert.StartsWith("HTTP/1.1 401 ", await AskAsync(server, RawClient.Upgrade("Connection: close\r\n", "/secret")), StringComparison.Ordinal);
        Assert.Equal("g", Talk(server, "/secret", "x", new ClientOptions { Headers = new HttpHeaders { { "Authorization", "Basic ZzpyaWdodA==" } } }));

        // On one connection a 401 may be followed by a request for another route.
        Assert.Contains("HTTP/1.1 403 ", await AskAsync(server, RawClient.Upgrade("", "/secret") + RawClient.Upgrade("", "/open")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /healthz", 200, "fine")]
    [InlineData("HEAD /healthz", 200, "")]
    [InlineData("POST /healthz", 405, "GET, HEAD")]
    [InlineData("GET /later", 200, "later")]
    [InlineData("GET /both", 200, "page")]
    [InlineData("GET /room/1", 426, "WebSocket")]
    [InlineData("HEAD /room/1", 426, "")]
    [InlineData("DELETE /room/1", 405, "GET")]
    [InlineData("GET /room/", 404, "Nothing is served")]
    [InlineData("GET /room", 404, "Nothing is served")]
    [InlineData("GET /ROOM/1", 404, "Nothing is served")]
    [InlineData("POST /unknown", 404, "Nothing is served")]
    [InlineData("OPTIONS *", 404, "Nothing is served")]
    [InlineData("GET /room/%2e%2e", 400, "dot segment")]
    [InlineData("GET /room/..", 400, "dot segment")]
    [InlineData("GET /room/a%2fb", 400, "encoded slash")]
    [InlineData("GET /room/a%5Cb", 400, "backslash")]
    [InlineData("GET /room/%zz", 400, "malformed escape")]
    [InlineData("GET /room/%00", 400, "")]
    [InlineData("GET /files/a/%2E%2E/b", 400, "dot segment")]
    [InlineData("GET /files//etc/passwd", 400, "empty")]
    public async Task Plain_requests_get_the_right_status_and_nothing_follows(string request, int status, string body)
    {
        await using WebSocketServer server = Start(site =>
        {
            site.MapGet("/healthz", _ => HttpResponse.Text(200, "fine\n"));
            site.MapGet("/later", async request =>
            {
                await Task.Yield();
                return HttpResponse.Text(200, "later\n");
            });
            site.Map("/both", (client, message) => client.Send(message));
            site.MapGet("/both", _ => HttpResponse.Text(200, "page\n"));
            site.Map("/room/{id}", new Room());
            site.Map("/files/*", new Room());
        });
        string answer = await AskAsync(server, $"{request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\nGET /healthz HTTP/1.1\r\nHost: smuggled\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Single(answer.Split("HTTP/1.1 ").Skip(1));
        Assert.Contains("Connection: " + (status == 426 ? "Upgrade, close" : "close") + "\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(status == 405, answer.Contains("\r\nAllow: ", StringComparison.Ordinal));
        Assert.Equal(status == 426, answer.Contains("\r\nUpgrade: websocket\r\n", StringComparison.Ordinal));
        string text = answer.Split("\r\n\r\n", 2)[1];
        Assert.Contains(body, text, StringComparison.Ordinal);
        Assert.Equal(request.StartsWith("HEAD", StringComparison.Ordinal), text.Length == 0);
    }

    [Theory]
    [InlineData("/healthz", 404)]
    [InlineData("/unknown", 404)]
    [InlineData("/room/%2e%2e", 400)]
    [InlineData("/room/1", 101)]
    public async Task Upgrades_go_to_routes_of_WebSockets_only(string path, int status)
    {
        await using WebSocketServer server = Start(site =>
        {
            site.MapGet("/healthz", _ => HttpResponse.Text(200, "fine\n"));
            site.Map("/room/{id}", new Room());
        });
        using var client = new RawClient(server.EndPoint);
        client.Send(RawClient.Upgrade("", path));
        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_routes_alone_leave_all_other_paths_to_the_server()
    {
        await using WebSocketServer server = Start(site => site.MapGet("/healthz", _ => HttpResponse.Text(200, "fine\n")));
        Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(server, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 426 ", await AskAsync(server, "GET /other HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal("server hello", Talk(server, "/anything", "hello"));
    }

    [Fact]
    public async Task OnRequest_of_the_server_answers_what_no_route_has()
    {
        await using WebSocketServer server = Start(
            site => site.Map("/room/{id}", new Room()),
            new ServerOptions { OnRequest = request => request.Path == "/page" ? HttpResponse.Html(200, "<p>page</p>") : null });
        Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(server, "GET /page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404 ", await AskAsync(server, "GET /other HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_hook_of_a_route_is_asked_after_that_of_the_server()
    {
        await using WebSocketServer server = Start(
            site => site.Map("/room/{id}", new Room()),
            new ServerOptions { OnUpgrade = request => request.GetQueryValue("key") == "1" ? UpgradeAnswer.Accept(headers: new HttpHeaders { { "X-First", "1" } }) : HttpResponse.Text(401, "key") });
        Assert.StartsWith("HTTP/1.1 401 ", await AskAsync(server, RawClient.Upgrade("", "/room/1")), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403 ", await AskAsync(server, RawClient.Upgrade("", "/room/closed?key=1")), StringComparison.Ordinal);
        using var client = new RawClient(server.EndPoint);
        client.Send(RawClient.Upgrade("", "/room/1?key=1"));
        string head = await client.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        Assert.Contains("X-First: 1\r\n", head, StringComparison.Ordinal);
        Assert.Contains("X-Room: 1\r\n", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Thousands_of_routes_are_served()
    {
        await using WebSocketServer server = Start(site =>
        {
            for (int i = 0; i < 3000; i++)
            {
                string name = $"{i}";
                site.Map($"/area{i % 7}/{name}/{{id}}", (client, message) => client.Send($"{name} {client.Parameters["id"]}"));
            }
        });
        Assert.Equal("2999 x", Talk(server, $"/area{2999 % 7}/2999/x", "hello"));
        Assert.StartsWith("HTTP/1.1 404 ", await AskAsync(server, RawClient.Upgrade("", "/area0/2999/x")), StringComparison.Ordinal);
        string deep = string.Concat(Enumerable.Repeat("/a", 7000));
        Assert.StartsWith("HTTP/1.1 404 ", await AskAsync(server, RawClient.Upgrade("", deep)), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 414 ", await AskAsync(server, RawClient.Upgrade("", deep + deep)), StringComparison.Ordinal);
    }

    private static Connection Connect(WebSocketServer server, string path, ClientOptions? options = null) => Connection.Connect($"ws://127.0.0.1:{server.EndPoint.Port}{path}", options);

    private static string Talk(WebSocketServer server, string path, string? message = null, ClientOptions? options = null)
    {
        using Connection client = Connect(server, path, options);
        if (message is not null)
        {
            client.Send(message);
        }

        return ((TextMessage)client.Receive(Link.Limit)).Text;
    }

    private static async Task<string> AskAsync(WebSocketServer server, string request)
    {
        using var client = new RawClient(server.EndPoint);
        client.Send(request);
        return await client.ReadToEndAsync();
    }

    private WebSocketServer Start(Action<WebSocketServer> map, ServerOptions? options = null)
    {
        Assert.SkipWhen(engine == ServerEngine.Epoll && !OperatingSystem.IsLinux(), "Only Linux has epoll.");
        options = (options ?? new ServerOptions()) with { Port = 0, Poller = engine == ServerEngine.Portable ? PollerKind.Portable : PollerKind.Auto };
        WebSocketServer server = engine == ServerEngine.Threads ? new Threaded(options) : new Looping(options);
        map(server);
        server.Start();
        return server;
    }

    private sealed class Threaded(ServerOptions options) : Wspy.Server(options)
    {
        protected override void OnMessage(Client client, Message message) => client.Send($"server {((TextMessage)message).Text}");
    }

    private sealed class Looping(ServerOptions options) : AsyncServer(options)
    {
        protected override void OnMessage(Client client, Message message) => client.Send($"server {((TextMessage)message).Text}");
    }

    private sealed class Room : RouteHandler
    {
        protected internal override UpgradeAnswer OnUpgrade(HttpRequestHead request) => request.Parameters["id"] == "closed"
            ? HttpResponse.Text(403, "This room is closed.\n")
            : UpgradeAnswer.Accept(headers: new HttpHeaders { { "X-Room", Uri.EscapeDataString(request.Parameters["id"]) } });

        protected internal override void OnMessage(Client client, Message message) => client.Send($"{client.Parameters["id"]} said {((TextMessage)message).Text}");
    }

    private sealed class Told : RouteHandler
    {
        private readonly List<string> _calls = [];

        public TaskCompletionSource<List<string>> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected internal override async ValueTask OnOpenAsync(Client client)
        {
            await Task.Yield();
            _calls.Add($"open {client.Parameters["name"]}");
        }

        protected internal override void OnPing(Client client, ReadOnlySpan<byte> payload) => _calls.Add($"ping {payload[0]}");

        protected internal override void OnPong(Client client, ReadOnlySpan<byte> payload) => _calls.Add($"pong {payload[0]}");

        protected internal override void OnError(Client client, Exception error) => _calls.Add($"error {error.GetType().Name}");

        protected internal override void OnClose(Client client, CloseInfo info)
        {
            _calls.Add($"close {(int)info.Code}");
            Ended.SetResult(_calls);
        }
    }
}

public sealed class ThreadedRouteTests() : RouteTests(ServerEngine.Threads);

public sealed class EpollRouteTests() : RouteTests(ServerEngine.Epoll);

public sealed class PortableRouteTests() : RouteTests(ServerEngine.Portable);

/// <summary>What is refused before a server starts.</summary>
public sealed class RouteMappingTests
{
    [Fact]
    public void Conflicts_are_refused_with_both_patterns()
    {
        using var server = new Server();
        server.Map("/room/{id}", (_, _) => { });
        server.MapGet("/room/{id}", _ => HttpResponse.Text(200, ""));
        Assert.Contains("'/room/{id}' and '/room/{id}' serve WebSockets", Assert.Throws<ArgumentException>(() => server.Map("/room/{id}")).Message, StringComparison.Ordinal);
        Assert.Contains("answer plain requests", Assert.Throws<ArgumentException>(() => server.MapGet("/room/{id}", _ => HttpResponse.Text(200, ""))).Message, StringComparison.Ordinal);
        Assert.Contains("name their parameters differently", Assert.Throws<ArgumentException>(() => server.MapGet("/room/{name}", _ => HttpResponse.Text(200, ""))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => server.Map("room"));
    }

    [Fact]
    public void Options_that_hold_for_the_whole_server_are_no_routes()
    {
        using var server = new Server(new ServerOptions { Extensions = [new DeflateMessage()] });
        server.Map("/all", (_, _) => { }, options => options with { MaxMessageSize = 1, Extensions = [], IdleTimeout = TimeSpan.FromSeconds(1) });
        foreach (Func<ServerOptions, ServerOptions> configure in (Func<ServerOptions, ServerOptions>[])[
            options => options with { Port = 1 }, options => options with { MaxConnections = 1 }, options => options with { HandshakeTimeout = TimeSpan.FromSeconds(1) }, options => options with { OnUpgrade = _ => default }])
        {
            Assert.Contains("holds for the whole server", Assert.Throws<ArgumentException>(() => server.Map("/one", (_, _) => { }, configure)).Message, StringComparison.Ordinal);
        }

        Assert.Throws<ArgumentException>(() => server.Map("/one", (_, _) => { }, options => options with { AllowedOrigins = ["no origin"] }));
    }

    [Fact]
    public async Task A_server_that_runs_takes_no_routes()
    {
        await using var server = new AsyncServer(new ServerOptions { Port = 0 });
        server.Start();
        Assert.Throws<InvalidOperationException>(() => server.Map("/late", (_, _) => { }));
        Assert.Throws<InvalidOperationException>(() => server.MapGet("/late", _ => HttpResponse.Text(200, "")));
    }

    [Fact]
    public void A_handler_of_callbacks_has_one_for_messages() =>
        Assert.Throws<ArgumentException>(() => RouteHandler.Create(onMessage: (_, _) => { }, onMessageAsync: (_, _) => default));
}
