package streams_test

import (
	"context"
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/streams"
)

func TestControlDataOfUDPMessages(t *testing.T) {
	onSystem(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			server := must(streams.ListenPacket(ctx, "udp4", "127.0.0.1:0"))(t)
			client := must(streams.ListenPacket(ctx, "udp4", "0.0.0.0:0"))(t)
			err := must(server.SyscallConn())(t).Control(func(fd uintptr) {
				expectError(t, "setsockopt", unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_PKTINFO, 1), nil)
			})
			expectError(t, "Control", err, nil)
			from := [4]byte{127, 0, 0, 9} // an address of this machine that it would not choose
			info := unix.PktInfo4(&unix.Inet4Pktinfo{Spec_dst: from})
			n, oobn, err := client.WriteMsgUDP([]byte("x"), info, server.LocalAddr().(*net.UDPAddr))
			if n != 1 || oobn != len(info) || err != nil {
				t.Fatalf("WriteMsgUDP returned %d, %d, %v", n, oobn, err)
			}
			oob := make([]byte, 64)
			n, oobn, _, peer, err := server.ReadMsgUDP(make([]byte, 8), oob)
			if n != 1 || err != nil || !peer.IP.Equal(net.IP(from[:])) {
				t.Errorf("ReadMsgUDP returned %d, %v, %v", n, peer, err)
			}
			messages := must(unix.ParseSocketControlMessage(oob[:oobn]))(t)
			if len(messages) != 1 || messages[0].Header.Type != unix.IP_PKTINFO {
				t.Errorf("the control data is %v", messages)
			}
			return nil
		})
	})
}
