namespace Wspy.Tests.Architecture;

public class LayerTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_folder_names_only_the_layers_below_it(bool debug)
    {
        var sources = new SourceTree(Repository.Sources("src/Wspy"), debug);

        Assert.NotEmpty(sources.Trees);
        Offences.None(sources.Errors());
        Offences.None(LayerRule.Check(sources));
    }

    [Theory]
    [InlineData("class Pool { Frame? _frame; }")]
    [InlineData("class Pool { void Take(Frame[] frames) { } }")]
    [InlineData("class Pool { List<Frame>? _frames; }")]
    [InlineData("class Pool { object Make() => new Frame(); }")]
    [InlineData("class Pool { string Name => nameof(Frame); }")]
    [InlineData("class Pool { int Max => Frame.Max; }")]
    [InlineData("class Pool : Frame;")]
    [InlineData("class Pool { void Use(object o) { if (o is Frame) { } } }")]
    [InlineData("class Pool { void Use() { 5.Extend(); } }")]
    [InlineData("class Pool { int Use() => 5.Extended; }")]
    [InlineData("using F = Wspy.Frame; class Pool { F? _frame; }")]
    [InlineData("class Pool { Frame.Part _part; }")]
    public void A_name_of_a_higher_layer_is_found(string pool)
    {
        List<string> found = Check(("src/Wspy/Buffers/Pool.cs", pool), Frame);

        Assert.NotEmpty(found);
        Assert.All(found, line => Assert.Matches(@"^src/Wspy/Buffers/Pool\.cs\(1\): Buffers \(step 1\) names \w+ of Frames \(step 2\)$", line));
    }

    [Fact]
    public void The_line_and_both_layers_are_reported() => Assert.Equal(
        ["src/Wspy/Protocol/Engine.cs(4): Protocol (step 4) names Connection of (root) (step 6)"],
        Check(
            ("src/Wspy/Protocol/Engine.cs", "namespace Wspy.Protocol;\nclass Engine\n{\n    Connection? _connection;\n}\n"),
            ("src/Wspy/Connection.cs", "namespace Wspy; class Connection;")));

    [Theory]
    [InlineData("class Pool { /* Frame */ // Frame\n }")]
    [InlineData("/// <see cref=\"Wspy.Frame\"/>\nclass Pool;")]
    [InlineData("class Pool { string Name => \"Frame\"; }")]
    [InlineData("enum Kind { Frame, Server } class Pool { Kind Use() => Kind.Frame; }")]
    public void A_word_that_is_no_name_of_a_type_is_left_alone(string pool) =>
        Assert.Empty(Check(("src/Wspy/Buffers/Pool.cs", "namespace Wspy.Buffers;" + pool), Frame));

    [Fact]
    public void Lower_layers_and_the_own_step_may_be_named() => Assert.Empty(Check(
        Frame,
        ("src/Wspy/Messages/Message.cs", "namespace Wspy; class Message { Frame? _frame; Message? _next; }"),
        ("src/Wspy/Server/Server.cs", "namespace Wspy; class Server { Frame? _frame; Client? _client; ThatFailed? _error; }"),
        ("src/Wspy/Client/Client.cs", "namespace Wspy; class Client { Server? _server; Message? _message; }"),
        ("src/Wspy/Errors/ThatFailed.cs", "namespace Wspy; class ThatFailed : Exception { Connection? _connection; }"),
        ("src/Wspy/Connection.cs", "namespace Wspy; class Connection { ThatFailed? _error; }")));

    [Fact]
    public void A_folder_that_is_no_layer_is_reported() =>
        Assert.Equal(["src/Wspy/Utilities/Helper.cs(1): the folder Utilities is no layer"], Check(("src/Wspy/Utilities/Helper.cs", "class Helper;")));

    [Fact]
    public void A_type_with_parts_in_two_layers_is_reported() => Assert.Equal(
        ["src/Wspy/Server/Connection.Log.cs(1): Connection has parts in (root) and in Server"],
        Check(
            ("src/Wspy/Connection.cs", "namespace Wspy; partial class Connection;"),
            ("src/Wspy/Server/Connection.Log.cs", "namespace Wspy; partial class Connection;")));

    [Theory]
    [InlineData("System.Net.Sockets.Socket", "System.Net.Sockets.Socket? _s;")]
    [InlineData("System.IO.Stream", "Stream? _s;")]
    [InlineData("System.IO.MemoryStream", "object Make() => new MemoryStream();")]
    [InlineData("System.Threading.Tasks.Task", "Task? _t;")]
    [InlineData("System.Threading.Tasks.Task<TResult>", "Task<int>? _t;")]
    [InlineData("System.Threading.Tasks.ValueTask", "async ValueTask RunAsync() { }")]
    [InlineData("System.Threading.Thread", "Thread? _t;")]
    [InlineData("System.Threading.Thread", "int Id => Thread.CurrentThread.ManagedThreadId;")]
    [InlineData("System.Threading.Timer", "Timer? _t;")]
    [InlineData("System.TimeProvider", "TimeProvider? _t;")]
    [InlineData("System.DateTime", "long Now => DateTime.UtcNow.Ticks;")]
    [InlineData("System.DateTimeOffset", "long Now => DateTimeOffset.UtcNow.Ticks;")]
    [InlineData("System.Diagnostics.Stopwatch", "long Now => System.Diagnostics.Stopwatch.GetTimestamp();")]
    [InlineData("System.Environment.TickCount", "long Now => Environment.TickCount;")]
    [InlineData("System.Environment.TickCount64", "long Now => Environment.TickCount64;")]
    [InlineData("Microsoft.Extensions.Logging.ILogger", "Microsoft.Extensions.Logging.ILogger? _log;")]
    public void A_pure_layer_names_no_socket_thread_or_clock(string name, string member)
    {
        foreach (string layer in (string[])["Buffers", "Compression", "Frames", "Messages", "Extensions", "Http", "Protocol", "Handshake"])
        {
            Assert.Contains(
                $"src/Wspy/{layer}/X.cs(1): {layer} (step {Layers.StepOf(layer)}) is pure and names {name}",
                Check(($"src/Wspy/{layer}/X.cs", $"class X {{ {member} }}")));
        }

        Assert.Empty(Check(("src/Wspy/Transports/X.cs", $"class X {{ {member} }}")));
    }

    [Fact]
    public void Only_the_bridge_to_the_base_librarys_deflate_names_a_stream_and_nothing_else_impure()
    {
        const string Bridge = "src/Wspy/Compression/DeflateStreamBridge.cs";

        Assert.Empty(Check((Bridge, "class X { Stream? _s; System.IO.Compression.DeflateStream? _d; }")));
        Assert.NotEmpty(Check((Bridge, "class X { Task? _t; }")));
        Assert.NotEmpty(Check((Bridge, "class X { object? Take(System.IO.Compression.DeflateStream stream) => stream.FlushAsync(); }")));
        Assert.NotEmpty(Check(("src/Wspy/Compression/X.cs", "class X { System.IO.Compression.DeflateStream? _d; }")));
    }

    [Theory]
    [InlineData("[ThreadStatic] static int s_x;")]
    [InlineData("Lock? _lock; int _x; void Add() => Interlocked.Increment(ref _x);")]
    [InlineData("TimeSpan _limit;")]
    [InlineData("enum Kind { Task, Stream } Kind Use() => Kind.Stream;")]
    public void What_is_no_input_output_thread_or_clock_is_allowed(string member) =>
        Assert.Empty(Check(("src/Wspy/Protocol/X.cs", $"class X {{ {member} }}")));

    [Fact]
    public void Sources_that_cannot_be_bound_are_an_error_and_not_a_pass() =>
        Assert.Equal(["src/Wspy/X.cs(1): CS0246 The type or namespace name 'Missing' could not be found (are you missing a using directive or an assembly reference?)"],
            new SourceTree([("src/Wspy/X.cs", "class X { Missing _x; }")]).Errors());

    private static readonly (string Path, string Text) Frame = ("src/Wspy/Frames/Frame.cs", """
        global using Wspy;
        namespace Wspy;
        class Frame { public const int Max = 1; public struct Part; }
        static class FrameExtensions
        {
            public static void Extend(this int value) { }
            extension(int value) { public int Extended => value; }
        }
        """);

    private static List<string> Check(params (string Path, string Text)[] files) => LayerRule.Check(new SourceTree(files));
}
