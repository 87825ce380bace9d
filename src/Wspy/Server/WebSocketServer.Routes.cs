namespace Wspy;

// Paths, each with handlers and options of its own. Without any, the server itself serves all of them.
public abstract partial class WebSocketServer
{
    private readonly RouteTable<ServerRoute> _routes = new();
    private readonly ServerRoute _own;
    private readonly ServerRoute _nothing;
    private bool _mapsWebSockets;

    /// <summary>Serves WebSockets at a path with handlers of their own. Once this was called, paths that no route has are 404.</summary>
    /// <param name="pattern">
    /// A path such as <c>/chat</c>, compared as clients send it; <c>{name}</c> in the place of a segment takes any (<c>/room/{id}</c>), and <c>*</c> in the place of
    /// the last one all that follows. What they stand for is in <see cref="Client.Parameters"/>.
    /// </param>
    /// <param name="handler">Handles the clients of all connections there.</param>
    /// <param name="configure">Makes this route's options of the server's: <c>options =&gt; options with { MaxMessageSize = 4096 }</c>.</param>
    /// <exception cref="ArgumentException">The pattern is none, another route serves WebSockets at the same paths, or the options cannot differ between routes.</exception>
    /// <exception cref="InvalidOperationException">The server was started before.</exception>
    public void Map(string pattern, RouteHandler handler, Func<ServerOptions, ServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        MapWebSockets(pattern, handler, configure);
    }

    /// <summary>Serves WebSockets at a path with a handler for their messages.</summary>
    /// <inheritdoc cref="Map(string, RouteHandler, Func{ServerOptions, ServerOptions}?)"/>
    /// <param name="pattern">As above.</param>
    /// <param name="onMessage">Called for each message, where it lies in the receive buffer.</param>
    /// <param name="configure">As above.</param>
    public void Map(string pattern, ClientMessageHandler onMessage, Func<ServerOptions, ServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(onMessage);
        MapWebSockets(pattern, RouteHandler.Create(onMessage: onMessage), configure);
    }

    /// <summary>Serves WebSockets at a path with the handlers of the server itself, as all paths are served that no route has while there is no other <c>Map</c>.</summary>
    /// <inheritdoc cref="Map(string, RouteHandler, Func{ServerOptions, ServerOptions}?)"/>
    /// <param name="pattern">As above.</param>
    /// <param name="configure">As above.</param>
    public void Map(string pattern, Func<ServerOptions, ServerOptions>? configure = null) => MapWebSockets(pattern, null, configure);

    /// <summary>
    /// Answers plain GET and HEAD requests at a path; other methods get 405 there. On an event loop it costs no more than this callback, which must not block. Further
    /// requests may follow on the connection, as many as a hundred and each within <see cref="WebSocketOptions.HandshakeTimeout"/> of the answer before it.
    /// </summary>
    /// <param name="pattern">As of <see cref="Map(string, RouteHandler, Func{ServerOptions, ServerOptions}?)"/>; it may be that of a route of WebSockets.</param>
    /// <param name="answer">Gives the answer, whose body is kept in memory; it is not sent to HEAD.</param>
    /// <exception cref="ArgumentException">The pattern is none, or the paths are answered already.</exception>
    /// <exception cref="InvalidOperationException">The server was started before.</exception>
    public void MapGet(string pattern, Func<HttpRequestHead, HttpResponse> answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        MapPlain(pattern, request => new(answer(request)));
    }

    /// <summary>As above, for an answer that takes time: only this connection waits, for as long as <see cref="WebSocketOptions.HandshakeTimeout"/>; then it gets 503.</summary>
    /// <inheritdoc cref="MapGet(string, Func{HttpRequestHead, HttpResponse})"/>
    public void MapGet(string pattern, Func<HttpRequestHead, ValueTask<HttpResponse>> answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        MapPlain(pattern, request =>
        {
            ValueTask<HttpResponse> response = answer(request);
            return response.IsCompletedSuccessfully ? new(response.Result) : AwaitAsync(response);
        });

        static async ValueTask<HttpResponse?> AwaitAsync(ValueTask<HttpResponse> response) => await response.ConfigureAwait(false);
    }

    /// <summary>Finds what a request is for.</summary>
    /// <returns>False when a parameter holds what may not be.</returns>
    internal bool TryRoute(HttpRequestHead request, out ServerRoute route)
    {
        route = _own;
        if (_routes.IsEmpty)
        {
            return true;
        }

        string path = request.Path;
        route = _routes.Match(path, out RoutePattern? pattern) ?? (_mapsWebSockets ? _nothing : _own);
        if (pattern is null)
        {
            return true;
        }

        bool isValid = pattern.TryRead(path, out RouteParameters parameters);
        request.Parameters = parameters;
        return isValid;
    }

    /// <summary>The answer to a plain request; null for 426.</summary>
    internal ValueTask<HttpResponse?> AnswerAsync(ServerRoute route, HttpRequestHead request)
    {
        if (route == _own)
        {
            return OnRequestAsync(request);
        }

        if (route == _nothing)
        {
            ValueTask<HttpResponse?> own = OnRequestAsync(request);
            return own.IsCompletedSuccessfully ? new(own.Result ?? NotFound()) : AwaitAsync(own);
        }

        if (!(request.MethodBytes.SequenceEqual("GET"u8) || request.MethodBytes.SequenceEqual("HEAD"u8)))
        {
            return new(NotAllowed(route));
        }

        return route.Answer?.Invoke(request) ?? default;

        static async ValueTask<HttpResponse?> AwaitAsync(ValueTask<HttpResponse?> own) => await own.ConfigureAwait(false) ?? NotFound();
    }

    /// <summary>A plain request was answered, and its connection is kept.</summary>
    internal void Answered(HandshakeException plain) => LogFailure(plain.Request!.RemoteEndPoint, plain);

    /// <summary>What the server, and then the route, says to a request for an upgrade.</summary>
    internal async ValueTask<UpgradeAnswer> JudgeAsync(ServerRoute route, HttpRequestHead request)
    {
        UpgradeAnswer answer = await OnUpgradeAsync(request).ConfigureAwait(false);
        return answer.Response is not null || route.Handler is null
            ? answer
            : answer.Then(await route.Handler.OnUpgradeAsync(request).ConfigureAwait(false));
    }

    private void MapWebSockets(string pattern, RouteHandler? handler, Func<ServerOptions, ServerOptions>? configure)
    {
        var parsed = new RoutePattern(pattern);
        ServerOptions options = ServerRoute.Configure(_options, configure);
        lock (_gate)
        {
            ServerRoute? existing = Find(parsed, out string? other);
            if (existing is { ServesWebSockets: true })
            {
                throw new ArgumentException($"The routes '{other}' and '{pattern}' serve WebSockets at the same paths.", nameof(pattern));
            }

            _mapsWebSockets = true;
            _routes.Set(parsed, new ServerRoute(options) { ServesWebSockets = true, Handler = handler, Answer = existing?.Answer });
        }
    }

    private void MapPlain(string pattern, Func<HttpRequestHead, ValueTask<HttpResponse?>> answer)
    {
        var parsed = new RoutePattern(pattern);
        lock (_gate)
        {
            ServerRoute? existing = Find(parsed, out string? other);
            if (existing is { Answer: not null })
            {
                throw new ArgumentException($"The routes '{other}' and '{pattern}' answer plain requests at the same paths.", nameof(pattern));
            }

            _routes.Set(parsed, new ServerRoute(existing?.Options ?? _options) { ServesWebSockets = existing?.ServesWebSockets ?? false, Handler = existing?.Handler, Answer = answer });
        }
    }

    private ServerRoute? Find(RoutePattern pattern, out string? other)
    {
        if (_listeners is not null)
        {
            throw new InvalidOperationException("The server was started: its routes are mapped before.");
        }

        ServerRoute? existing = _routes.Find(pattern, out RoutePattern? found);
        if (found is not null && !found.Names.AsSpan().SequenceEqual(pattern.Names))
        {
            throw new ArgumentException($"The routes '{found.Text}' and '{pattern.Text}' have the same paths and name their parameters differently.", nameof(pattern));
        }

        other = found?.Text;
        return existing;
    }

    private static HttpResponse NotFound() => HttpResponse.Text(404, "Nothing is served at this path.\n");

    private static HttpResponse NotAllowed(ServerRoute route)
    {
        string allowed = route.Answer is null ? "GET" : "GET, HEAD";
        HttpResponse response = HttpResponse.Text(405, $"The methods here are: {allowed}.\n");
        response.Headers.Add("Allow", allowed); // RFC 9110 §15.5.6 demands it
        return response;
    }
}
