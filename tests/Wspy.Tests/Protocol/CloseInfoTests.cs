namespace Wspy.Tests.Protocol;

public class CloseInfoTests
{
    [Theory]
    [InlineData(1000, "bye", CloseInitiator.Peer, true, "1000 NormalClosure, closed by Peer: bye")]
    [InlineData(1005, "", CloseInitiator.Local, true, "1005 NoStatusReceived, closed by Local")]
    [InlineData(4001, "", CloseInitiator.Peer, true, "4001, closed by Peer")]
    [InlineData(1002, "why", CloseInitiator.Local, false, "1002 ProtocolError, closed by Local without a complete closing handshake: why")]
    [InlineData(1006, "", CloseInitiator.Transport, false, "1006 AbnormalClosure, connection lost")]
    public void It_reads_as_a_sentence(int code, string reason, CloseInitiator initiator, bool clean, string expected) =>
        Assert.Equal(expected, new CloseInfo { Code = (CloseCode)code, Reason = reason, Initiator = initiator, WasClean = clean }.ToString());
}
