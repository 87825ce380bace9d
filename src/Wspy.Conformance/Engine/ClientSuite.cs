using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance;

/// <summary>
/// Tests clients: listens, and runs a case on each connection that asks for one. A driver, which is the client under test in a
/// loop, fetches the list of cases, connects once for each, sends back every message, and takes the connection's end as the case's.
/// </summary>
/// <remarks>
/// <para>Safe from any thread. A driver may run several cases at a time. One that must be alone waits, on its open connection, until
/// the others have ended, and those that come after it wait for it.</para>
/// <para>The paths, on each of which a WebSocket is opened (the answers are one text message, then Close 1000):</para>
/// <list type="table">
/// <item><term><c>/cases?agent=NAME</c></term><description>the ids of the cases that this agent has not begun yet, one a line, those that must be alone last: a driver that crashed goes on behind the case that it crashed on; without <c>agent</c>, of all cases</description></item>
/// <item><term><c>/count</c></term><description>how many these are, in decimal</description></item>
/// <item><term><c>/case?id=ID&amp;agent=NAME</c></term><description>runs the case; in the place of <c>id</c>, <c>n</c> is a number from 1 to the count</description></item>
/// <item><term><c>/result?id=ID&amp;agent=NAME</c></term><description>the verdict, and in the lines after it the reason</description></item>
/// <item><term><c>/done?agent=NAME</c></term><description>says that the agent has run what it wants to, so that reports can be written; the answer is a summary in one line</description></item>
/// </list>
/// </remarks>
public sealed class ClientSuite : IAsyncDisposable
{
    private readonly SuiteOptions _options;
    private readonly Dictionary<string, ConformanceCase> _byId;
    private readonly ConformanceCase[] _cases;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly Socket _listener;
    private readonly ConcurrentDictionary<string, byte> _keys = new();
    private readonly ConcurrentDictionary<(uint First, uint Second), byte> _maskingKeys = new();
    private readonly Turns _turns = new();
    private readonly TaskCompletionSource<SuiteResult> _firstDone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastSeen = Stopwatch.GetTimestamp();
    private readonly ConcurrentDictionary<string, Agent> _agents = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Task, byte> _connections = new();
    private Task? _accepting;

    /// <summary>Creates a suite that does not listen yet.</summary>
    /// <param name="cases">Those that are not for clients are left out.</param>
    /// <param name="endPoint">Where to listen; port 0 lets the system choose.</param>
    /// <param name="options">How to run; <see langword="null"/> for the defaults.</param>
    /// <param name="tls">With it the suite speaks TLS.</param>
    public ClientSuite(IEnumerable<ConformanceCase> cases, IPEndPoint endPoint, SuiteOptions? options = null, SslServerAuthenticationOptions? tls = null)
    {
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(endPoint);
        _options = options ?? new SuiteOptions();
        _tls = tls;
        _cases = [.. cases.Where(@case => @case.Roles.HasFlag(PeerRole.Client))];
        _byId = _cases.ToDictionary(@case => @case.Id);
        _listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(endPoint);
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>What a driver on the same machine is started with, such as <c>ws://127.0.0.1:9001</c>.</summary>
    public string Url => $"{(_tls is null ? "ws" : "wss")}://{(EndPoint.Address.Equals(IPAddress.Any) || EndPoint.Address.Equals(IPAddress.IPv6Any) ? $"localhost:{EndPoint.Port}" : $"{EndPoint}")}";

    /// <summary>The cases that it offers.</summary>
    public IReadOnlyList<ConformanceCase> Cases => _cases;

    /// <summary>Told of each result as it comes, from any thread.</summary>
    public IProgress<CaseResult>? Progress { get; init; }

    /// <summary>Called when an agent says that it is done, and with each one that has not said so when the suite ends.</summary>
    public Action<SuiteResult>? OnDone { get; init; }

    /// <summary>Begins to listen: from then on drivers can connect.</summary>
    /// <exception cref="InvalidOperationException">It listens already.</exception>
    /// <exception cref="SocketException">Another program listens there.</exception>
    public void Start()
    {
        if (_accepting is not null)
        {
            throw new InvalidOperationException("The suite listens already.");
        }

        _listener.Listen(512);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Listens, if <see cref="Start"/> was not called yet, until a client is done, or has stayed away for <see cref="SuiteOptions.Absence"/>; then the cases that it did not come for have failed.</summary>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public async Task<SuiteResult> RunAsync(CancellationToken cancellationToken = default)
    {
        if (_accepting is null)
        {
            Start();
        }

        while (true)
        {
            TimeSpan away = _agents.Values.Any(agent => agent.IsRunning) ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_lastSeen);
            if (away >= _options.Absence)
            {
                return (_agents.Values.FirstOrDefault(agent => agent.HasRun) ?? new Agent("client")).ToFinalResult(_cases);
            }

            if (await Task.WhenAny(_firstDone.Task, Task.Delay(_options.Absence - away, cancellationToken)).ConfigureAwait(false) == _firstDone.Task)
            {
                return await _firstDone.Task.ConfigureAwait(false);
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>What an agent has come to so far; cases that it has not run are not in it.</summary>
    /// <returns><see langword="null"/> for an agent that nobody knows.</returns>
    public SuiteResult? ResultOf(string agent) => _agents.TryGetValue(agent, out Agent? found) ? found.ToResult(_cases) : null;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await (_accepting ?? Task.CompletedTask).ConfigureAwait(false);
        await Task.WhenAll(_connections.Keys).ConfigureAwait(false);
        foreach (Agent agent in _agents.Values.Where(agent => agent is { IsDone: false, HasRun: true }))
        {
            OnDone?.Invoke(agent.ToFinalResult(_cases));
        }

        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                Socket socket = await _listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                Task serving = ServeAsync(socket);
                _connections.TryAdd(serving, 0);
                _ = serving.ContinueWith(done => _connections.TryRemove(done, out _), TaskScheduler.Default);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // That connection has gone before it was accepted.
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        var log = new WireLog();
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            patience.CancelAfter(_options.Patience);
            Stream stream = await SecureAsync(socket, patience.Token).ConfigureAwait(false);
            await using ConfiguredAsyncDisposable owner = stream.ConfigureAwait(false);
            var accepted = new Accepting(socket, stream, log) { KeysBefore = _maskingKeys };
            await accepted.ReadRequestAsync(patience.Token).ConfigureAwait(false);
            accepted.Request.HasFreshKey = _keys.TryAdd(accepted.Request.Key, 0);
            _lastSeen = Stopwatch.GetTimestamp();
            await RouteAsync(accepted, log).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or OperationCanceledException)
        {
            // It went away without a request, and there is nobody to tell.
        }
        finally
        {
            _lastSeen = Stopwatch.GetTimestamp();
            socket.Dispose();
        }
    }

    private async Task<Stream> SecureAsync(Socket socket, CancellationToken cancellationToken)
    {
        var stream = new NetworkStream(socket, ownsSocket: true);
        if (_tls is null)
        {
            return stream;
        }

        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(_tls, cancellationToken).ConfigureAwait(false);
        return tls;
    }

    private async Task RouteAsync(Accepting accepted, WireLog log)
    {
        Dictionary<string, string> query = Query(accepted.Request.Query);
        Agent agent = _agents.GetOrAdd(query.GetValueOrDefault("agent", "client"), name => new Agent(name));
        string id = query.GetValueOrDefault("id", "");
        if (int.TryParse(query.GetValueOrDefault("n"), out int number) && number >= 1 && number <= _cases.Length)
        {
            id = _cases[number - 1].Id;
        }

        switch (accepted.Request.Path)
        {
            case "/case" when _byId.TryGetValue(id, out ConformanceCase? @case):
                await RunAsync(accepted, @case, agent, log).ConfigureAwait(false);
                break;
            case "/cases":
                bool all = !query.ContainsKey("agent");
                await accepted.AnswerAsync(string.Join('\n', _cases.OrderBy(@case => @case.Alone).Select(@case => @case.Id).Where(one => all || !agent.HasBegun(one))), _stopping.Token).ConfigureAwait(false);
                break;
            case "/count":
                await accepted.AnswerAsync($"{_cases.Length}", _stopping.Token).ConfigureAwait(false);
                break;
            case "/result" when await agent.WaitAsync(id, _options.Patience).ConfigureAwait(false) is { } result:
                await accepted.AnswerAsync($"{result.Verdict.Name()}\n{result.Reason}", _stopping.Token).ConfigureAwait(false);
                break;
            case "/done":
                await agent.SettleAsync(2 * _options.Patience).ConfigureAwait(false);
                agent.IsDone = true;
                SuiteResult results = agent.ToFinalResult(_cases);
                try
                {
                    await accepted.AnswerAsync(string.Join(", ", Enum.GetValues<Verdict>().Select(verdict => $"{results.Count(verdict)} {verdict.Name()}")), _stopping.Token).ConfigureAwait(false);
                }
                finally
                {
                    // Also when the client did not wait for the answer.
                    _firstDone.TrySetResult(results);
                    OnDone?.Invoke(results);
                }

                break;
            case "/elsewhere":
                agent.CameAgain(id, accepted.Request);
                await accepted.RefuseAsync("404 Not Found", _stopping.Token).ConfigureAwait(false);
                break;
            default:
                await accepted.RefuseAsync("404 Not Found", _stopping.Token).ConfigureAwait(false);
                break;
        }
    }

    private async Task RunAsync(Accepting accepted, ConformanceCase @case, Agent agent, WireLog log)
    {
        if (!agent.Begin(@case.Id, accepted))
        {
            await accepted.RefuseAsync("409 Conflict", _stopping.Token).ConfigureAwait(false);
            return;
        }

        accepted.Elsewhere = $"{Url}/elsewhere?id={@case.Id}&agent={Uri.EscapeDataString(agent.Name)}";
        var run = new CaseRun(@case, PeerRole.Client, _options, log) { Client = accepted };
        try
        {
            CaseResult result = await CaseRunner.RunAsync(run, token => accepted.OpenAsync(run, token), _turns, _stopping.Token).ConfigureAwait(false);
            agent.End(@case.Id, result);
            Progress?.Report(result);
        }
        catch (OperationCanceledException)
        {
            // The suite ends, and the case counts as not run.
            agent.End(@case.Id, null);
        }
    }

    private static Dictionary<string, string> Query(string query)
    {
        var values = new Dictionary<string, string>();
        foreach (string pair in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            values[equals < 0 ? pair : pair[..equals]] = equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..].Replace('+', ' '));
        }

        return values;
    }
}
