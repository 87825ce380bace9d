using Wspy.Handshake;

namespace Wspy;

/// <summary>Begins a client's authentication, and gets the tokens that it needs from the application.</summary>
internal static class ClientTokens
{
    /// <summary>Null when the client has nothing to prove itself with.</summary>
    public static ClientAuthentication? Begin(Uri url, ClientOptions options)
    {
        ClientAuthentication? authentication = Create(url, options);
        if (authentication is { NeedsToken: true })
        {
            Get(authentication, options);
        }

        return authentication;
    }

    /// <inheritdoc cref="Begin"/>
    public static async ValueTask<ClientAuthentication?> BeginAsync(Uri url, ClientOptions options, CancellationToken cancellationToken)
    {
        ClientAuthentication? authentication = Create(url, options);
        if (authentication is { NeedsToken: true })
        {
            await GetAsync(authentication, options, cancellationToken).ConfigureAwait(false);
        }

        return authentication;
    }

    /// <summary>Blocks until the application has a token: it is its callback, and its thread.</summary>
    public static void Get(ClientAuthentication authentication, ClientOptions options) =>
        authentication.UseToken(options.BearerToken!(authentication.RefusedToken, CancellationToken.None).AsTask().GetAwaiter().GetResult());

    public static async ValueTask GetAsync(ClientAuthentication authentication, ClientOptions options, CancellationToken cancellationToken) =>
        authentication.UseToken(await options.BearerToken!(authentication.RefusedToken, cancellationToken).ConfigureAwait(false));

    private static ClientAuthentication? Create(Uri url, ClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (options.Credentials is null && options.BearerToken is null && !(url.IsAbsoluteUri && url.UserInfo.Length > 0))
        {
            return null;
        }

        var authentication = new ClientAuthentication(url, options.Credentials, options.AuthenticationSession, options.BearerToken is not null);
        authentication.Begin(options.PreemptiveBasic);
        return authentication;
    }
}
