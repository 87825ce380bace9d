using System.Buffers;
using System.Text;
using Wspy.Extensions;

namespace Wspy.Handshake;

/// <summary>The client's side of an opening handshake (RFC 6455 §4.1): the request written where you say, bytes of the response in, a verdict out.</summary>
/// <remarks>
/// <para>Call <see cref="WriteRequest"/>, then feed <see cref="Receive"/> until it returns something else than
/// <see cref="ClientHandshakeStatus.NeedMoreData"/>; that status stays, and nothing is taken from the input any more.</para>
/// <para>One handshake per connection, for the key must be fresh; not thread-safe.</para>
/// </remarks>
public sealed partial class ClientHandshake
{
    /// <summary>Interim responses that are skipped; no server has reason to send more than one or two.</summary>
    private const int MaxInterimResponses = 10;

    private readonly ClientHandshakeOptions _options;
    private readonly HttpHeadParser _parser;
    private readonly string _key;
    private ClientHandshakeStatus _status;
    private int _interimResponses;

    /// <summary>Creates a handshake with a fresh key.</summary>
    /// <param name="uri">Scheme ws or wss, or http and https in their place; user information in it is not sent.</param>
    /// <param name="options">What to say and ask for.</param>
    /// <exception cref="ArgumentException">The URI is relative, is of another scheme, or has a fragment (RFC 6455 §3).</exception>
    public ClientHandshake(Uri uri, ClientHandshakeOptions options)
        : this(uri, options, HandshakeKey.Create())
    {
    }

    internal ClientHandshake(Uri uri, ClientHandshakeOptions options, string key)
    {
        ArgumentNullException.ThrowIfNull(options);
        (string host, Target) = HandshakeUri.Split(uri, nameof(uri));
        Host = options.Headers?["Host"] ?? host;
        _options = options;
        _key = key;
        _parser = new HttpHeadParser(HttpHeadKind.Response) { MaxHeadSize = options.MaxHeadSize, MaxHeaderCount = options.MaxHeaderCount };
    }

    /// <summary>What the Host header says: the URI's host, and its port if it is not the scheme's, unless the options override it.</summary>
    public string Host { get; }

    /// <summary>What the request line says: the URI's path and query.</summary>
    public string Target { get; }

    /// <summary>The final response, once its head is complete; also when it is not accepted.</summary>
    public HttpResponseHead? Response { get; private set; }

    /// <summary>The subprotocol that the server chose, or <see langword="null"/>; known with <see cref="ClientHandshakeStatus.Accepted"/>.</summary>
    public string? Subprotocol { get; private set; }

    /// <summary>The extensions that were agreed on, as the response lists them; known with <see cref="ClientHandshakeStatus.Accepted"/>.</summary>
    public IReadOnlyList<ExtensionOffer> AcceptedExtensions { get; private set; } = [];

    /// <summary>What works on this connection, in the order of <see cref="AcceptedExtensions"/>; for the caller to dispose.</summary>
    public IReadOnlyList<ExtensionInstance> ExtensionInstances { get; private set; } = [];

    /// <summary>Why the response is not accepted, with <see cref="ClientHandshakeStatus.Failed"/>.</summary>
    public HandshakeFailure? Failure { get; private set; }

    /// <summary>Writes the request (RFC 6455 §4.1).</summary>
    public void WriteRequest(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Encoding.ASCII.GetBytes($"GET {Target} HTTP/1.1\r\n", output);
        output.WriteHeader("Host", Host);
        output.Write("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"u8);
        output.WriteHeader("Sec-WebSocket-Key", _key);
        if (_options.Origin is not null)
        {
            output.WriteHeader("Origin", _options.Origin);
        }

        if (_options.Subprotocols.Count > 0)
        {
            output.WriteHeader("Sec-WebSocket-Protocol", string.Join(", ", _options.Subprotocols));
        }

        if (_options.Extensions.Count > 0)
        {
            output.WriteHeader("Sec-WebSocket-Extensions", ExtensionHeader.Format(_options.Extensions.SelectMany(extension => extension.CreateOffers())));
        }

        foreach (KeyValuePair<string, string> header in _options.Headers ?? [])
        {
            if (!header.Key.Equals("Host", StringComparison.OrdinalIgnoreCase))
            {
                output.WriteHeader(header.Key, header.Value);
            }
        }

        output.Write("\r\n"u8);
    }

    /// <summary>Takes bytes up to and including the end of the final response's head; what follows stays in <paramref name="input"/>: frames, or a body.</summary>
    /// <param name="input">Bytes as received; what has been taken is cut off.</param>
    /// <returns>The status, which stays once it is not <see cref="ClientHandshakeStatus.NeedMoreData"/>.</returns>
    public ClientHandshakeStatus Receive(ref ReadOnlySpan<byte> input)
    {
        while (_status == ClientHandshakeStatus.NeedMoreData && !input.IsEmpty)
        {
            switch (_parser.Receive(ref input))
            {
                case HttpHeadStatus.Complete when _parser.Response!.StatusCode is >= 100 and < 200 and not 101:
                    SkipInterim();
                    break;
                case HttpHeadStatus.Complete:
                    Response = _parser.Response;
                    _status = Judge(Response!);
                    break;
                case HttpHeadStatus.Invalid:
                    _status = Fail(
                        HandshakeViolation.InvalidHead,
                        HandshakeRules.Describe(_parser.Violation, "response", _options.MaxHeadSize, _options.MaxHeaderCount),
                        _parser.Violation);
                    break;
                default:
                    break;
            }
        }

        return _status;
    }

    /// <summary>RFC 9110 §15.2: a client must be able to take interim responses, even if it did not ask for them.</summary>
    private void SkipInterim()
    {
        if (++_interimResponses > MaxInterimResponses)
        {
            _status = Fail(HandshakeViolation.TooManyInterimResponses, $"The server sent more than {MaxInterimResponses} interim responses.");
            return;
        }

        _parser.Reset();
    }
}
