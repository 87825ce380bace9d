namespace Wspy;

// Messages that were prepared for many. A broadcast waits for no client: what one does not take at once is sent in its turn, by the
// thread pool, and counts as waiting until then.
internal sealed partial class ThreadedClient
{
    private long _waiting;

    private WebSocketOptions Options => _connection.WebSocket.Driver.Options;

    public override long BufferedBytes => Interlocked.Read(ref _waiting);

    public override SendResult Send(PreparedMessage message)
    {
        try
        {
            _connection.Send(message);
            return SendResult.Sent;
        }
        catch (ConnectionClosedException)
        {
            return SendResult.Closing;
        }
        catch (TimeoutException)
        {
            return SendResult.Dropped;
        }
    }

    internal override SendResult TrySend(PreparedMessage message)
    {
        if (!IsOpen)
        {
            return SendResult.Closing;
        }

        // A message larger than the mark is taken when nothing else waits.
        int size = message.Message.Payload.Length;
        long waiting = Interlocked.Add(ref _waiting, size);
        if (waiting > size && waiting > Options.HighWaterMark)
        {
            Interlocked.Add(ref _waiting, -size);
            return Refuse(waiting);
        }

        ValueTask<SendResult> sending = SendCountedAsync(message, size);

        // Its outcome is the result where it is known already, and never an exception.
        return sending.IsCompletedSuccessfully ? sending.Result : SendResult.Queued;
    }

    private async ValueTask<SendResult> SendCountedAsync(PreparedMessage message, int size)
    {
        try
        {
            return await OutcomeAsync(_connection.SendAsync(message)).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Add(ref _waiting, -size);
        }
    }

    private SendResult Refuse(long waiting)
    {
        if (Options.Backpressure != BackpressurePolicy.Close)
        {
            return SendResult.Dropped;
        }

        long limit = Options.HighWaterMark;
        _connection.WebSocket.Driver.Fail(new LimitExceededException(nameof(WebSocketOptions.HighWaterMark), limit, waiting,
            $"{waiting:N0} bytes would wait for a peer that does not read, more than {nameof(WebSocketOptions.HighWaterMark)} ({limit:N0})."));
        return SendResult.Closing;
    }
}
