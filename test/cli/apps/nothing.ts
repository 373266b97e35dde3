export default 'no application'
