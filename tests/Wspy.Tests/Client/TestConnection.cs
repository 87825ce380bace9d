using System.Collections.Concurrent;

namespace Wspy.Tests.ClientTests;

/// <summary>A connection that notes its handlers' calls, whether two ever ran at once, and on which threads; received messages can be awaited.</summary>
internal sealed class TestConnection : AsyncConnection
{
    private readonly TaskCompletionSource<CloseInfo> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly ConcurrentQueue<Message> _messages = new();
    private int _running;

    public ConcurrentQueue<string> Calls { get; } = new();

    public ConcurrentDictionary<int, byte> Threads { get; } = new();

    public bool Overlapped { get; private set; }

    public Exception? Error { get; private set; }

    /// <summary>Completes when OnClose has been called.</summary>
    public Task<CloseInfo> Ended => _ended.Task;

    public Action? WhenOpened { get; init; }

    public Func<TestConnection, Message, ValueTask>? WhenReceived { get; init; }

    public Action? WhenFailed { get; init; }

    public Action? WhenClosed { get; init; }

    public async Task<Message> ReceiveAsync()
    {
        Assert.True(await _arrived.WaitAsync(Transports.Link.Limit), "nothing came");
        Assert.True(_messages.TryDequeue(out Message? message));
        return message;
    }

    protected override void OnOpen() => Note("open", WhenOpened);

    protected override ValueTask OnMessageAsync(Message message)
    {
        ValueTask handled = default;
        Note("message", () => handled = WhenReceived?.Invoke(this, message) ?? default);
        _messages.Enqueue(message);
        _arrived.Release();
        return handled;
    }

    protected override void OnPing(ReadOnlySpan<byte> payload) => Note($"ping {payload.Length}");

    protected override void OnPong(ReadOnlySpan<byte> payload) => Note($"pong {payload.Length}");

    protected override void OnControl(Opcode opcode, ReadOnlySpan<byte> payload) => Note($"control {(int)opcode} {payload.Length}");

    protected override void OnSent(Message message) => Note($"sent {message.Payload.Length}");

    protected override void OnError(Exception error)
    {
        Error = error;
        Note("error", WhenFailed);
    }

    protected override void OnClose(CloseInfo info)
    {
        try
        {
            Note($"close {(int)info.Code}", WhenClosed);
        }
        finally
        {
            Assert.True(_ended.TrySetResult(info), "OnClose was called twice");
        }
    }

    private void Note(string call, Action? handler = null)
    {
        Overlapped |= Interlocked.Increment(ref _running) != 1;
        Threads.TryAdd(Environment.CurrentManagedThreadId, 0);
        Calls.Enqueue(call);
        try
        {
            handler?.Invoke();
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
