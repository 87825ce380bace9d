using Wspy.Tool.Bench.Load;

namespace Wspy.Tool.Tests.Bench;

public class EchoReaderTests
{
    private static readonly FrameTemplate Template = FrameTemplate.Create(new Workload { Size = 300 });

    private static byte[] Payload => Template.Payloads[0];

    [Fact]
    public void Echoes_are_counted_however_they_are_cut()
    {
        // Whole, in fragments, with control frames between them, and an empty fragment.
        byte[] stream =
        [
            .. new Frame(Opcode.Text, Payload).ToArray(),
            .. new Frame(Opcode.Text, Payload.AsMemory(0, 100), fin: false).ToArray(),
            .. ControlFrame.Ping("there?"u8.ToArray()).ToArray(),
            .. new Frame(Opcode.Continuation, Payload.AsMemory(100, 0), fin: false).ToArray(),
            .. ControlFrame.Pong().ToArray(),
            .. new Frame(Opcode.Continuation, Payload.AsMemory(100)).ToArray(),
            .. new Frame(Opcode.Text, Payload).ToArray(),
        ];

        Assert.Equal(3, Read(stream, stream.Length));
        Assert.Equal(3, Read(stream, 1));
        Random random = new(1);
        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(3, Read(stream, () => random.Next(1, 50)));
        }
    }

    [Fact]
    public void A_ping_is_there_to_be_answered_until_it_is() // RFC 6455 §5.5.2
    {
        EchoReader reader = new(Template, verify: true);

        reader.Read([.. ControlFrame.Ping("a"u8.ToArray()).ToArray(), .. ControlFrame.Ping("b"u8.ToArray()).ToArray()]);

        Assert.Equal("b"u8.ToArray(), reader.Ping?.ToArray());
        reader.ForgetPing();
        Assert.Null(reader.Ping);
    }

    [Fact]
    public void Large_payloads_that_nobody_looks_at_are_skipped()
    {
        var template = FrameTemplate.Create(new Workload { Size = 100_000 });
        byte[] frame = new Frame(Opcode.Text, template.Payloads[0]).ToArray();
        EchoReader reader = new(template, verify: false);

        Assert.Equal(0, reader.Skippable);
        Assert.Equal(0, reader.Read(frame.AsSpan(0, 1000)));
        Assert.Equal(frame.Length - 1000, reader.Skippable);
        Assert.Equal(0, reader.Skip(50_000));
        Assert.Equal(1, reader.Skip(reader.Skippable));
        Assert.Equal(0, reader.Skippable);
        Assert.Equal(1, reader.Read(frame));
    }

    [Fact]
    public void Every_byte_is_compared_where_that_is_asked_for()
    {
        byte[] frame = new Frame(Opcode.Text, Payload).ToArray();
        frame[^1] ^= 1;

        LoadException error = Assert.Throws<LoadException>(() => new EchoReader(Template, verify: true).Read(frame));
        Assert.StartsWith("An echo differs from what was sent: byte 299 of 300 is 0x", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, new EchoReader(Template, verify: false).Read(frame));
    }

    public static TheoryData<byte[], string> NoEchoes => new()
    {
        { new Frame(Opcode.Text, Payload.AsMemory(0, 299)).ToArray(), "too short: 299 bytes came back for 300" },
        { new Frame(Opcode.Text, (byte[])[.. Payload, 0]).ToArray(), "too long: a frame of 301 bytes came where 300 of 300 were left" },
        { [.. new Frame(Opcode.Text, Payload.AsMemory(0, 200), fin: false).ToArray(), 0x80, 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], "too long: a frame of 9,223,372,036,854,775,807 bytes came where 100 of 300 were left" },
        { new Frame(Opcode.Binary, Payload).ToArray(), "a frame of opcode Binary, where Text was due" },
        { new Frame(Opcode.Continuation, Payload).ToArray(), "a frame of opcode Continuation, where Text was due" },
        { [.. new Frame(Opcode.Text, Payload.AsMemory(0, 1), fin: false).ToArray(), .. new Frame(Opcode.Text, Payload.AsMemory(1)).ToArray()], "a frame of opcode Text, where Continuation was due" },
        { new Frame(Opcode.Text, Payload).ToArray(maskingKey: 1), "is masked (RFC 6455 §5.1)" },
        { [0xC1, 0], "has reserved bits set" },
        { [0x81, 126, 0, 1, 0], "has its length in more bytes than it needs" },
        { [0x81, 127, 0x80], "has a length of 2^63 or more" },
        { [0x09, 0], "is no control frame as there may be one: opcode Ping, 0 bytes, fragmented" },
        { [0x89, 126, 0, 126], "is no control frame as there may be one: opcode Ping, 126 bytes" },
        { ControlFrame.Close().ToArray(), "The server closed a connection without a code." },
        { ControlFrame.Close(CloseCode.GoingAway, "bye").ToArray(), "The server closed a connection with code 1001: bye" },
    };

    [Theory]
    [MemberData(nameof(NoEchoes))]
    public void What_is_no_echo_is_told(byte[] stream, string expected)
    {
        Assert.Contains(expected, Assert.Throws<LoadException>(() => Read(stream, stream.Length)).Message, StringComparison.Ordinal);
        Assert.Contains(expected, Assert.Throws<LoadException>(() => Read(stream, 1)).Message, StringComparison.Ordinal);
    }

    private static int Read(byte[] stream, int piece) => Read(stream, () => piece);

    private static int Read(ReadOnlySpan<byte> stream, Func<int> piece)
    {
        EchoReader reader = new(Template, verify: true);
        int messages = 0;
        while (!stream.IsEmpty)
        {
            int count = Math.Min(piece(), stream.Length);
            messages += reader.Read(stream[..count]);
            stream = stream[count..];
        }

        return messages;
    }
}
