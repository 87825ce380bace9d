using System.Buffers;
using BenchmarkDotNet.Attributes;
using Wspy.Handshake;

namespace Wspy.Benchmarks.Http;

/// <summary>The head of a request (RFC 6455 §4.1), parsed alone and with the whole answer of a server.</summary>
[MemoryDiagnoser]
public class HeadBenchmarks
{
    private const string Minimal =
        "GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

    private const string Browser =
        "GET /chat?room=7 HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n" +
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36\r\n" +
        "Upgrade: websocket\r\nOrigin: http://example.com\r\nSec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n" +
        "Accept-Language: en-GB,en;q=0.9\r\nCookie: session=0123456789abcdef0123456789abcdef\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\nSec-WebSocket-Protocol: chat, superchat\r\n\r\n";

    private readonly ServerHandshakeOptions _options = new() { Subprotocols = ["chat"] };
    private readonly ArrayBufferWriter<byte> _output = new(512);
    private byte[] _copy = [];
    private byte[] _head = [];

    /// <summary>The fewest headers that make an upgrade, and those of a browser.</summary>
    [Params("minimal", "browser")]
    public string Request { get; set; } = "";

    /// <summary>The request's bytes.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _head = System.Text.Encoding.ASCII.GetBytes(Request == "minimal" ? Minimal : Browser);
        _copy = new byte[_head.Length];
    }

    /// <summary>What any parser pays at the least.</summary>
    [Benchmark(Baseline = true)]
    public void Copy() => _head.CopyTo(_copy, 0);

    /// <summary>Bytes become a head.</summary>
    [Benchmark]
    public HttpHeadStatus Parse()
    {
        ReadOnlySpan<byte> input = _head;
        return new HttpHeadParser(HttpHeadKind.Request).Receive(ref input);
    }

    /// <summary>Bytes of the request become bytes of the answer, SHA-1 included.</summary>
    [Benchmark]
    public string? Handshake()
    {
        ReadOnlySpan<byte> input = _head;
        var handshake = new ServerHandshake(_options);
        handshake.Receive(ref input);
        _output.ResetWrittenCount();
        return handshake.Accept(_output);
    }
}
