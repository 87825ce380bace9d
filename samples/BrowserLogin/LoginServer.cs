using System.Text;
using Wspy;

namespace BrowserLogin;

/// <summary>Serves a page, logs its user in, and says hello over WebSockets to who was let in.</summary>
public sealed class LoginServer : AsyncServer
{
    /// <summary>How long a stranger may take to say who it is.</summary>
    private static readonly TimeSpan FirstMessageTimeout = TimeSpan.FromSeconds(5);

    private static readonly Dictionary<string, string> Passwords = new() { ["ada"] = "correct horse", ["grace"] = "nanosecond" };
    private static readonly string Page = ReadPage();

    private readonly ServerOptions _options;
    private readonly Tokens _sessions;
    private readonly Tokens _tickets;

    public LoginServer(ServerOptions options)
        : this(options, new Tokens(TimeSpan.FromHours(8), options.TimeProvider), new Tokens(TimeSpan.FromSeconds(30), options.TimeProvider))
    {
    }

    private LoginServer(ServerOptions options, Tokens sessions, Tokens tickets)
        : base(options with { MaxMessageSize = 4096, Authentication = new ServerAuthentication { Schemes = [new PageScheme(sessions, tickets)] } }) =>
        (_options, _sessions, _tickets) = (options, sessions, tickets);

    protected override HttpResponse? OnRequest(HttpRequestHead request) => (request.Method, request.Path) switch
    {
        ("GET", "/") => HttpResponse.Html(200, Page),
        ("POST", "/login") => LogIn(request),
        ("POST", "/ticket") => GiveTicket(request),
        _ => HttpResponse.Text(404, "Not found\n"),
    };

    protected override void OnOpen(Client client)
    {
        if (client.User?.Identity is { IsAuthenticated: true } identity)
        {
            Welcome(client, identity.Name!);
        }
        else
        {
            // Beside the handler, which must return for the first message to be read.
            _ = CloseStrangerAsync(client);
        }
    }

    protected override void OnMessage(Client client, Message message)
    {
        if (client.State is string name)
        {
            client.Send($"{name} says {message}");
        }
        else if (message is TextMessage ticket && _tickets.Take(ticket.Text) is { } owner)
        {
            Welcome(client, owner);
        }
        else
        {
            client.Close(CloseCode.PolicyViolation, "Who are you?");
        }
    }

    private static void Welcome(Client client, string name)
    {
        client.State = name;
        client.Send($"Welcome, {name}");
    }

    private async Task CloseStrangerAsync(Client client)
    {
        await Task.WhenAny(client.Closed, Task.Delay(FirstMessageTimeout, _options.TimeProvider));
        if (client.State is null)
        {
            client.Close(CloseCode.PolicyViolation, "Who are you?");
        }
    }

    // The page sends name and password as Basic, which a page of another site cannot without asking first (CORS). 403 and not 401: no browser asks for a password then.
    private HttpResponse LogIn(HttpRequestHead request)
    {
        if (!AuthenticationFields.TryParseCredentials(request.Headers["Authorization"] ?? "", out AuthenticationFields? fields) || NameOf(fields!) is not { } name)
        {
            return Answer(HttpResponse.Text(403, "Wrong name or password\n"));
        }

        HttpResponse response = HttpResponse.Text(200, name);

        // HttpOnly: no script of the page reads it. SameSite: no page of another site makes use of it. Secure: it travels in no clear text, where there is TLS.
        response.Headers.Add("Set-Cookie", $"session={_sessions.Create(name)}; Path=/; HttpOnly; SameSite=Strict{(_options.Tls is null ? "" : "; Secure")}");
        return Answer(response);
    }

    private HttpResponse GiveTicket(HttpRequestHead request) => Answer(_sessions.Find(PageScheme.SessionOf(request)) is { } name
        ? HttpResponse.Text(200, _tickets.Create(name))
        : HttpResponse.Text(403, "Log in first\n"));

    private static HttpResponse Answer(HttpResponse response)
    {
        response.Headers.Add("Cache-Control", "no-store");
        return response;
    }

    private static string? NameOf(AuthenticationFields fields)
    {
        Span<byte> bytes = stackalloc byte[256];
        if (!fields.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) || !Convert.TryFromBase64String(fields.Token ?? "", bytes, out int length))
        {
            return null;
        }

        string[] parts = Encoding.UTF8.GetString(bytes[..length]).Split(':', 2);
        return parts.Length == 2 && Secrets.Match(parts[1], Passwords.GetValueOrDefault(parts[0]) ?? "") && Passwords.ContainsKey(parts[0]) ? parts[0] : null;
    }

    private static string ReadPage()
    {
        using Stream page = typeof(LoginServer).Assembly.GetManifestResourceStream("login.html")!;
        using StreamReader reader = new(page, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
