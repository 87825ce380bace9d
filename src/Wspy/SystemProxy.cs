using System.Net;
using Wspy.Handshake;

namespace Wspy;

/// <summary>The proxy that the environment asks for, or, where it says nothing, the system (<see cref="HttpClient.DefaultProxy"/>); never for this machine itself.</summary>
/// <remarks>
/// <para><c>https_proxy</c> is for <c>wss</c>, <c>http_proxy</c> for <c>ws</c>, <c>all_proxy</c> for both; <c>no_proxy</c> lists what is connected to
/// directly. Each may be written in capitals as well, but small letters go first. <c>HTTP_PROXY</c> does not count for a CGI program, whose client
/// can set it. The variables are read when an instance is made.</para>
/// <para>Safe from any thread, but for setting <see cref="Credentials"/>.</para>
/// </remarks>
public sealed class SystemProxy : IWebProxy
{
    private static readonly string[] Names = ["all_proxy", "ALL_PROXY", "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"];

    private readonly (string Name, string Value)? _plain;
    private readonly (string Name, string Value)? _secure;
    private readonly ProxyBypass _bypass;
    private readonly Func<IWebProxy>? _fallback;

    /// <summary>Reads the environment.</summary>
    public SystemProxy()
        : this(Environment.GetEnvironmentVariable, static () => HttpClient.DefaultProxy)
    {
    }

    internal SystemProxy(Func<string, string?> variables, Func<IWebProxy> system)
    {
        (string, string)? all = Read(variables, "all_proxy", "ALL_PROXY");
        bool isCgi = variables("GATEWAY_INTERFACE") is not null || variables("REQUEST_METHOD") is not null;
        _plain = Read(variables, "http_proxy", isCgi ? "http_proxy" : "HTTP_PROXY") ?? all;
        _secure = Read(variables, "https_proxy", "HTTPS_PROXY") ?? all;
        _bypass = new ProxyBypass(variables("no_proxy") ?? variables("NO_PROXY"));

        // An empty variable, or one that does not count, has said something: that there is no proxy.
        _fallback = Names.Any(name => variables(name) is not null) ? null : system;
    }

    /// <summary>The default of <see cref="ClientOptions.Proxy"/>, with the environment as it was when it was first asked for.</summary>
    public static SystemProxy Default { get; } = new();

    /// <summary>Whether asking only compares; the system's settings may have to be fetched.</summary>
    internal bool IsQuick => _fallback is null || OperatingSystem.IsLinux();

    /// <summary>What the proxy is told when it asks, unless its URI has a name and password.</summary>
    /// <value>Default <see langword="null"/>, or those of the system's settings.</value>
    public ICredentials? Credentials { get => field ?? _fallback?.Invoke().Credentials; set; }

    /// <summary>The proxy for a destination; <see langword="null"/> for none.</summary>
    /// <exception cref="InvalidOperationException">The variable that counts holds no URI. Its value, which may hold a password, is not repeated.</exception>
    public Uri? GetProxy(Uri destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (_bypass.Matches(destination.IdnHost, destination.Port))
        {
            return null;
        }

        if (_fallback is not null)
        {
            IWebProxy system = _fallback();
            return system.IsBypassed(destination) ? null : system.GetProxy(destination);
        }

        if ((destination.Scheme is "wss" or "https" ? _secure : _plain) is not { } variable)
        {
            return null;
        }

        string text = variable.Value.Contains("://", StringComparison.Ordinal) ? variable.Value : $"http://{variable.Value}";
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? proxy)
            ? proxy
            : throw new InvalidOperationException($"The environment variable {variable.Name} holds no URI of a proxy, such as http://proxy.example:3128.");
    }

    /// <summary>Whether a host is connected to directly.</summary>
    public bool IsBypassed(Uri host) => GetProxy(host) is null;

    private static (string Name, string Value)? Read(Func<string, string?> variables, string name, string capitals)
    {
        string found = variables(name) is null ? capitals : name;
        return variables(found) is { } value && value.Trim() is { Length: > 0 } trimmed ? (found, trimmed) : null;
    }
}
