# expect: duplicate definition 'S'
service S {}
service S {}
