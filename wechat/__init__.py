"""Log in with WeChat: mini-program and official account, behind one gateway."""
