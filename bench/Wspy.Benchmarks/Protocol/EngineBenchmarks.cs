using System.Buffers;
using BenchmarkDotNet.Attributes;
using Wspy.Protocol;

namespace Wspy.Benchmarks.Protocol;

/// <summary>What the engine of a server costs per echoed message: header judged, payload unmasked and judged, reply framed.</summary>
[MemoryDiagnoser]
public class EngineBenchmarks : IDisposable
{
    private const int Frames = 64;

    private readonly WebSocketProtocol _server = new(WebSocketRole.Server);
    private readonly ArrayBufferWriter<byte> _output = new();
    private byte[] _masked = [];
    private byte[] _input = [];

    /// <summary>Payload in bytes.</summary>
    [Params(20, 1024, 65536)]
    public int Size { get; set; }

    /// <summary>Frames of a client, one behind the other, as one read brings them.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var frame = Frame.Text(new string('x', Size));
        _masked = [.. Enumerable.Range(0, Frames).SelectMany(i => frame.ToArray(0x3D21FA37 + (uint)i))];
        _input = new byte[_masked.Length];
        Echo();
    }

    /// <summary>Gives the engine's memory back.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        _server.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The received bytes copied once and the replies copied once: what the messages' way costs without a protocol.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Frames)]
    public void CopyTwice()
    {
        _masked.CopyTo(_input, 0);
        _output.ResetWrittenCount();
        _output.Write(_input);
    }

    /// <summary>The received bytes copied once, since they are unmasked in place, and echoed through the engine.</summary>
    [Benchmark(OperationsPerInvoke = Frames)]
    public int Echo()
    {
        _masked.CopyTo(_input, 0);
        _output.ResetWrittenCount();
        Span<byte> input = _input;
        int messages = 0;
        while (true)
        {
            ProtocolEvent received = _server.Read(ref input);
            if (received.Kind != ProtocolEventKind.Data)
            {
                return messages;
            }

            _server.WriteFrame(_output, received.Opcode, received.Payload);
            messages++;
        }
    }
}
