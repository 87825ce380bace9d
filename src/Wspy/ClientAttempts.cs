using System.Net;
using Wspy.Handshake;

namespace Wspy;

/// <summary>The requests of one client's opening, whatever carries them: the first one, answers to challenges, and what redirects lead to.</summary>
/// <remarks>
/// A driver prepares a request (<see cref="ClientTokens"/>), sends it, feeds <see cref="Opening"/>, and asks <see cref="Judge"/> once for
/// each answer what follows. Not thread-safe.
/// </remarks>
internal sealed class ClientAttempts : IDisposable
{
    /// <summary>What a user sets for one origin by hand, and is no other's business. Cookies of a container are not among it.</summary>
    private static readonly string[] SecretHeaders = ["Authorization", "Cookie", "Host", "Proxy-Authorization"];

    private readonly ClientRedirects _redirects;
    private ClientOpening? _opening;
    private HandshakeFailure? _redirectFailure;

    /// <exception cref="ArgumentException">The URL cannot be asked for.</exception>
    public ClientAttempts(Uri url, ClientOptions options)
    {
        _ = HandshakeUri.Split(url, nameof(url));
        _redirects = new ClientRedirects(options.MaxRedirects, options.AllowInsecureRedirects);
        Options = options;
        Authentication = Authenticate(url);
        Url = url.UserInfo.Length == 0 ? url : new UriBuilder(url) { UserName = "", Password = "" }.Uri;
        _redirects.Add(Url, Secrets());
    }

    /// <summary>Where the next request goes to; without user information.</summary>
    public Uri Url { get; private set; }

    /// <summary>The options, as far as they are for that URL's origin.</summary>
    public ClientOptions Options { get; private set; }

    /// <summary>Null when there is nothing for that origin to prove oneself with.</summary>
    public ClientAuthentication? Authentication { get; private set; }

    /// <summary>The request that was prepared last, and its answer.</summary>
    public ClientOpening Opening => _opening!;

    /// <summary>Makes the next request, before anything is connected for it.</summary>
    /// <exception cref="ArgumentException">An option cannot be kept.</exception>
    public void Prepare()
    {
        var next = new ClientOpening(Url, Options, ComposeHeaders());
        _opening?.Dispose();
        _opening = next;
    }

    /// <summary>Judges an answer, once it is decided.</summary>
    /// <param name="keepsConnection">Whether another request may follow on the connection.</param>
    public ClientStep Judge(bool keepsConnection)
    {
        HttpResponseHead? response = Opening.Response;
        if (Options.Cookies is { } cookies && response is not null)
        {
            ClientCookies.Store(cookies, Url, response.Headers);
        }

        if (!Opening.IsRefused)
        {
            return ClientStep.Opened;
        }

        if (response is null)
        {
            return ClientStep.Refused;
        }

        if (Authentication?.TryAnswer(response) == true)
        {
            return keepsConnection ? ClientStep.Repeat : ClientStep.Reconnect;
        }

        return Options.MaxRedirects > 0 && ClientRedirects.IsRedirect(response.StatusCode) && response.Headers.Contains("Location")
            ? Follow(response, keepsConnection)
            : ClientStep.Refused;
    }

    /// <summary>What the caller is to see of the last answer, which was no upgrade.</summary>
    public HandshakeException GetFailure() => Opening.GetFailure(
        _redirectFailure ?? (Opening.IsRefused ? ClientRefusal.Explain(Opening.Response, Authentication, Options) : null),
        _redirects.Chain.Count > 1 ? _redirects.Chain : []);

    public void Dispose() => _opening?.Dispose();

    private ClientStep Follow(HttpResponseHead response, bool keepsConnection)
    {
        _redirectFailure = _redirects.Resolve(response, out Uri? next);
        if (_redirectFailure is not null)
        {
            return ClientStep.Refused;
        }

        bool isSameOrigin = HandshakeUri.IsSameOrigin(Url, next!);
        Url = next!;
        if (isSameOrigin)
        {
            Authentication?.MoveTo(Url);
        }
        else
        {
            LeaveOrigin();
            Authentication = Authenticate(Url);
        }

        _redirectFailure = _redirects.Add(Url, Secrets());
        if (_redirectFailure is not null)
        {
            return ClientStep.Refused;
        }

        return keepsConnection && isSameOrigin ? ClientStep.Repeat : ClientStep.Reconnect;
    }

    // It is not missed should a later redirect lead back: who sent us away may not be who is asked then.
    private void LeaveOrigin()
    {
        HttpHeaders? headers = Copy(Options.Headers);
        foreach (string name in SecretHeaders)
        {
            headers?.Remove(name);
        }

        // A NetworkCredential says the same to everybody who asks; other ICredentials look at the URL.
        // What is for the proxy stays, since it is asked for the new URL as well, should that be one for it.
        Options = Options with
        {
            Headers = headers,
            Tls = Options.Tls is null ? null : ClientTls.ForOther(Options.Tls),
            BearerToken = null,
            Credentials = Options.Credentials is NetworkCredential ? null : Options.Credentials,
        };
    }

    private ClientAuthentication? Authenticate(Uri url)
    {
        if (Options.Credentials is null && Options.BearerToken is null && url.UserInfo.Length == 0)
        {
            return null;
        }

        var authentication = new ClientAuthentication(url, Options.Credentials, Options.AuthenticationSession, Options.BearerToken is not null);
        authentication.Begin(Options.PreemptiveBasic);
        return authentication;
    }

    // A server may send the same URL elsewhere the first time, and not with the cookie that it has set then.
    private string Secrets() => $"{ClientCookies.Get(Options.Cookies, Url)}\n{Authentication?.Header}";

    private HttpHeaders? ComposeHeaders()
    {
        string cookies = ClientCookies.Get(Options.Cookies, Url);
        if (cookies.Length == 0 && Authentication?.Header is null)
        {
            return Options.Headers;
        }

        HttpHeaders headers = Copy(Options.Headers) ?? [];
        if (cookies.Length > 0)
        {
            // RFC 6265 §5.4: there is at most one line.
            headers.Set("Cookie", string.Join("; ", headers.GetValues("Cookie").Append(cookies)));
        }

        if (Authentication?.Header is { } authorization)
        {
            headers.Set("Authorization", authorization);
        }

        return headers;
    }

    private static HttpHeaders? Copy(HttpHeaders? headers)
    {
        if (headers is null)
        {
            return null;
        }

        var copy = new HttpHeaders();
        foreach (KeyValuePair<string, string> header in headers)
        {
            copy.Add(header.Key, header.Value);
        }

        return copy;
    }
}
